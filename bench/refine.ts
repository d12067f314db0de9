/**
 * The refinement measured: PbSO4 beside a peer with the same parameters, and the speed of single patterns and scans.
 *
 *     npx tsx bench/refine.ts                                 our side
 *     PEER_PYTHON=python3 npx tsx bench/refine.ts             with easydiffraction beside it (minutes), and with GSAS-II
 *                                                             where that Python can import it
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolvePhase } from '../src/formats/crystal/phase.js';
import { readPattern } from '../src/formats/patterns/pattern.js';
import { answerScan } from '../src/interphase/answer/scan-answer.js';
import type { LineScan } from '../src/measurement.js';
import { builtInPhase } from '../src/xrd/crystal/built-in-phases.js';
import { checkFrames } from '../src/xrd/frames/check-frame.js';
import { tubeWavelengths } from '../src/xrd/pattern/radiation.js';
import { refinablePhase } from '../src/xrd/pattern/refinable-phase.js';
import { refinePattern } from '../src/xrd/refine/refine-pattern.js';
import { buildScanModels, scanPhases } from '../src/xrd/refine/scan-start.js';
import { refineScanPattern } from '../src/xrd/refine/sequential.js';
import { drawPattern, testPhase } from '../test/xrd/powder-truth.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const cpu_ms = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

function pbso4(): void {
  const file = here('../../shared/data/xrd/ed-16.dat');
  if (!existsSync(file)) {
    console.log('PbSO4: the measured pattern is not here, skipped');
    return;
  }
  const { pattern } = readPattern(file);
  const cif = readFileSync(here('../test/xrd/data/pbso4.cif'), 'utf8');
  const { structure } = resolvePhase({ name: 'PbSO4', cif });
  const phase = refinablePhase(structure, {
    wavelength_A: 1.5405929,
    twoThetaMin_deg: 7,
    twoThetaMax_deg: 103,
  });
  const cases: [string, string, string[]][] = [
    ['one wavelength, the parameters of the peer', 'Cu Ka1', ['zero', 'U', 'V', 'W', 'Y', '*.cell']],
    ['doublet, the same parameters', 'Cu Ka', ['zero', 'U', 'V', 'W', 'Y', '*.cell']],
    ['doublet, displacement for zero', 'Cu Ka', ['displacement', 'widths', '*.cell']],
    ['doublet and axial divergence', 'Cu Ka', ['zero', 'widths', 'SH/L', '*.cell']],
  ];
  for (const [name, wavelength, refine] of cases) {
    let fit = null as ReturnType<typeof refinePattern> | null;
    const ms = cpu_ms(() => {
      fit = refinePattern(pattern, [phase], {
        wavelengths: tubeWavelengths(wavelength)!,
        lorentzPolarisation: { integration: 'lab' },
        refine,
      });
    });
    const cell = fit!.phases[0]!.cell.slice(0, 3).map(
      (v, i) => `${v.toFixed(4)}(${fit!.phases[0]!.cellSigma[i]!.toFixed(4)})`,
    );
    console.log(
      `PbSO4, ${name}: Rwp ${fit!.r.rwp_percent.toFixed(2)} %, cell ${cell.join(' ')}, ${ms.toFixed(0)} ms`,
    );
  }
  const python = process.env.PEER_PYTHON;
  if (!python) {
    console.log('PbSO4, peer: set PEER_PYTHON to a Python with easydiffraction');
    return;
  }
  const { stdout, stderr } = spawnSync(python, [here('refine_peer.py'), file], { encoding: 'utf8' });
  console.log(`PbSO4, peer: ${stdout.trim() || stderr.trim().split('\n').at(-1)}`);
  const gsas = spawnSync(python, [here('refine_gsas2.py'), file, here('../test/xrd/data/pbso4.cif')], {
    encoding: 'utf8',
  });
  for (const line of (gsas.stdout.trim() || `skipped, ${gsas.stderr.trim().split('\n').at(-1)}`).split('\n'))
    console.log(`PbSO4, GSAS-II, ${line}`);
}

function scan(): void {
  const names = ['Li3YCl6', 'In', 'LiIn'];
  const phases = names.map(testPhase);
  const patterns = Array.from({ length: 30 }, (_, i) => {
    const anode = 1 / (1 + Math.exp(2 * i - 26));
    const values = {
      'Li3YCl6.peak': 1000 * (1 - anode),
      'In.peak': 800 * anode,
      'LiIn.peak': 600 * anode,
      'Li3YCl6.x': i < 21 ? 0.2 : 0,
      zero: 0.03,
    };
    return drawPattern(i + 1, { phases, values, grain: 0.05 });
  });
  const lineScan: LineScan = {
    name: 'bench',
    wavelength_A: 1.2398,
    integration: 'mean-per-pixel',
    beam_um: 2,
    positions_um: Float64Array.from(patterns, (_, i) => 2 * i),
    rows: new Int32Array(30),
    patterns,
    phases: names.map((name) => ({ name, cif: null })),
    dopant: { element: 'In', into: 'Li3YCl6' },
  };
  const checks = checkFrames(lineScan);
  let models = null as ReturnType<typeof buildScanModels> | null;
  const start = cpu_ms(() => {
    const tables = scanPhases(lineScan, names.map(builtInPhase), { kind: 'in-on-6h' });
    models = buildScanModels(lineScan, checks, tables, {}, 6);
  });
  const refineAll = (): void => {
    patterns.forEach((pattern, i) => {
      refineScanPattern({ index: i, position_um: 2 * i, pattern }, models!, checks[i]!);
    });
  };
  refineAll();
  const times = [1, 2, 3].map(() => cpu_ms(refineAll));
  const fit = refineScanPattern({ index: 15, position_um: 30, pattern: patterns[15]! }, models!, checks[15]!)
    .fit!;
  console.log(
    `scan of 30 patterns x ${patterns[0]!.intensity.length} points, ${fit.correlated.length} parameters and the scatter of ${fit.measuredLines.length} lines a pattern: ` +
      `${Math.min(...times).toFixed(0)} ms (${(Math.min(...times) / 30).toFixed(1)} ms a pattern), shared start ${start.toFixed(0)} ms`,
  );
  const fits = patterns.map((pattern, i) =>
    refineScanPattern({ index: i, position_um: 2 * i, pattern }, models!, checks[i]!),
  );
  const { beam_um, rows } = lineScan;
  const coupled = cpu_ms(() => {
    answerScan(
      { beam_um, rows, dopant: 'In', models: models!, fits },
      { minDeltaBic: 0, samples: 4000, seed: 1 },
    );
  });
  console.log(`the coupled model of the scan, hypotheses and intervals included: ${coupled.toFixed(0)} ms`);
}

pbso4();
scan();
