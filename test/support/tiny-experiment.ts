import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The smallest experiment that has an answer: one Cl K spectrum with a white line, as a beamline writes it. */
export function writeTinyExperiment(folder: string, sample = 'tiny', edge_eV = 2824): void {
  mkdirSync(folder, { recursive: true });
  const rows = Array.from({ length: 181 }, (_, i) => {
    const energy = 2790 + 0.5 * i;
    const step = 0.5 + Math.atan((energy - edge_eV) / 0.7) / Math.PI;
    const whiteLine = 0.9 * Math.exp(-0.5 * ((energy - edge_eV - 1.2) / 1.1) ** 2);
    const ripple = 2e-3 * Math.sin(37 * i + 11 * i * i);
    const fluorescence = 1e5 * (0.05 + step + whiteLine + ripple);
    return `  ${energy.toFixed(2)}  100000  ${fluorescence.toFixed(1)}`;
  });
  const header = [
    '# XDI/1.0',
    '# Element.symbol: Cl',
    '# Element.edge: K',
    '# Column.1: energy eV',
    '# Column.2: i0',
    '# Column.3: ifluor',
    '# ///',
    '# ---',
    '#  energy i0 ifluor',
  ];
  writeFileSync(join(folder, 'point.xdi'), `${[...header, ...rows].join('\n')}\n`);
  writeFileSync(
    join(folder, 'experiment.yaml'),
    `sample: ${sample}\nspectra:\n  - { file: point.xdi, edge: Cl K, role: sample, label: P5 }\n`,
  );
}
