import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { withHdf5 } from '../../src/formats/common/hdf5.js';
import { openInput } from '../../src/formats/common/input.js';
import { findNexusData } from '../../src/formats/common/nexus-data.js';
import { readExperiment } from '../../src/formats/experiment/experiment.js';
import { readLineScan } from '../../src/formats/patterns/line-scan.js';
import { readPattern } from '../../src/formats/patterns/pattern.js';
import { readXdi } from '../../src/formats/spectra/xdi.js';
import { simulateKim2024 } from '../../src/simulate/kim2024.js';
import { writeExperiment } from '../../src/simulate/write-experiment.js';

/** Reads the line scan of a folder; a warning or an error fails the test. */
const readScan = (folder: string) => {
  const complain = (message: string): never => {
    throw new Error(message);
  };
  return readLineScan(readExperiment(folder).diffraction[0]!, { warn: complain, error: complain });
};

const folders: string[] = [];
const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'simulated-'));
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const small = ['patterns=3', 'map.nx=20', 'map.ny=10', 'stack.nx=12', 'stack.ny=8'];

describe('a simulated experiment on disk', () => {
  it.each([[[]], [['gzip=true', 'variant=ordered', 'aei=false']]])(
    'is read by our own readers just as it was simulated (%j)',
    async (more: string[]) => {
      const folder = join(temporary(), 'out');
      const simulated = simulateKim2024([...small, ...more], 9);
      const files = await writeExperiment(simulated, folder);
      const experiment = readExperiment(folder);
      expect(experiment.sample).toBe('LYC | Li-In after 1000 cycles');
      expect(experiment.cycles).toBe(1000);
      expect(experiment.diffraction[0]).toMatchObject({
        wavelength_A: 1.2398,
        integration: 'mean-per-pixel',
        beam_um: 2,
      });
      const { source } = experiment.diffraction[0]!;
      const paths = 'files' in source ? source.files : [];
      const { pattern, warnings } = readPattern(paths[1]!);
      expect(warnings).toEqual([]);
      expect(pattern.intensity).toEqual(simulated.scan!.patterns[1]!.intensity);
      const spectrum = experiment.spectra.find(({ label, element }) => label === 'P5' && element === 'Cl')!;
      expect(spectrum.at).not.toBeNull();
      const scan = readXdi(openInput(spectrum.file));
      expect(scan.warnings).toEqual([]);
      expect(scan.columns.map(({ role }) => role)).toEqual(['energy', 'i0', 'fluorescence']);
      const written = simulated.spectra.find(({ label, element }) => label === 'P5' && element === 'Cl')!;
      expect(scan.columns[2]!.values).toEqual(written.columns[2]!.values);
      const shape = await withHdf5(
        join(folder, 'xrf.h5'),
        (root) => findNexusData(root, '/entry/xrf').signal.shape,
      );
      expect(shape).toEqual([10, 20]);
      const stack = await withHdf5(join(folder, 'yk-stack.h5'), (root) => {
        const { signal } = findNexusData(root, null);
        return { shape: signal.shape, values: signal.numbers() };
      });
      expect(stack.shape).toEqual([10, 8, 12]);
      expect(Float64Array.from(stack.values)).toEqual(simulated.stack!.counts);
      const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as {
        lineScans: { aei: { x: number } }[];
      };
      expect(truth.lineScans[0]!.aei.x).toBe(more.length > 0 ? null : 0.2);
      expect(files).toContain('truth.json');
    },
  );

  it.each(['xye', 'h5'])('keeps uneven positions, and order, in %s', async (kind) => {
    const folder = join(temporary(), 'out');
    const simulated = simulateKim2024(
      ['parts=uxrd', 'patterns=4', 'positions=uneven', `scan-file=${kind}`, 'gzip=true'],
      4,
    );
    await writeExperiment(simulated, folder);
    const scan = await readScan(folder);
    expect(scan.positions_um).toEqual(simulated.scan!.positions_um);
    expect(
      new Set(Array.from(scan.positions_um.subarray(1), (p, i) => (p - scan.positions_um[i]!).toFixed(2)))
        .size,
    ).toBe(3);
    expect(scan.patterns.map(({ intensity }) => intensity)).toEqual(
      simulated.scan!.patterns.map(({ intensity }) => intensity),
    );
  });

  it('tells of a reversed scan by a negative step', async () => {
    const folder = join(temporary(), 'out');
    const simulated = simulateKim2024(['parts=uxrd', 'patterns=3', 'positions=reversed'], 4);
    await writeExperiment(simulated, folder);
    const scan = await readScan(folder);
    expect([...scan.positions_um]).toEqual([4, 2, 0]);
    expect(scan.patterns[0]!.intensity).toEqual(simulated.scan!.patterns[0]!.intensity);
  });

  it('replaces its own folder, never one with other files', async () => {
    const folder = join(temporary(), 'out');
    const parts = ['parts=uxrd', 'patterns=1'];
    await writeExperiment(simulateKim2024(parts, 1), folder);
    await writeExperiment(simulateKim2024(parts, 2), folder);
    expect(readFileSync(join(folder, 'truth.json'), 'utf8')).toContain('"seed": 2');
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    await expect(writeExperiment(simulateKim2024(parts, 3), folder)).rejects.toThrow("holds 'notes.txt'");
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
    const other = temporary();
    writeFileSync(join(other, 'experiment.yaml'), 'sample: mine\n');
    await expect(writeExperiment(simulateKim2024(parts, 3), other)).rejects.toThrow(
      'not made by a simulation',
    );
  });
});
