import type { SimulatedExperiment } from './kim2024.js';
import type { Settings } from './settings.js';

export const phaseNames = ['Li3YCl6', 'In', 'LiIn'] as const;

/** The experiment.yaml that describes the simulated files. */
export function experimentText({
  settings,
  scan,
  spectra,
  map,
  stack,
  preset,
  seed,
}: SimulatedExperiment): string {
  const ending = settings.gzip ? '.gz' : '';
  const lines = [
    `# Simulated by 'interphase simulate ${preset} --seed ${seed}'; the truth stands in truth.json.`,
    `sample: ${quoted(settings.sample)}`,
    ...(Number.isInteger(settings.cycles) ? [`cycles: ${settings.cycles}`] : []),
  ];
  if (scan) {
    const host = settings.variant === 'default' ? 'Li3YCl6' : `'Li3YCl6:${settings.variant}'`;
    const h5 = settings['scan-file'] === 'h5';
    lines.push(
      'diffraction:',
      '  - name: cross-section',
      ...(h5
        ? ['    file: scan.h5', '    data: /entry/uxrd']
        : ['    files: uxrd/scan_*.xye', positionsLine(settings)]),
      `    wavelength: ${settings.wavelength} angstrom`,
      `    integration: ${settings.integration}`,
      `    beam: ${settings.beam} um`,
      `    phases: [${host}, In, LiIn]`,
      `    dopant: { element: In, into: ${host} }`,
    );
  }
  if (spectra.length > 0) lines.push('spectra:');
  for (const { file, element, edge, role, label, entry } of spectra) {
    const more = Object.entries(entry).map(([key, value]) => `, ${key}: ${value}`);
    lines.push(
      `  - { file: ${file}${ending}, edge: ${element} ${edge}, role: ${role}, label: ${quoted(label)}${more.join('')} }`,
    );
  }
  if (map || stack) lines.push('maps:');
  if (map)
    lines.push(
      `  - { name: xrf, file: xrf.h5, data: /entry/xrf, role: xrf, energy: 2900 eV, pixel: ${settings['map.pixel']} um, elements: [Y, In, Cl] }`,
    );
  if (stack) {
    const references = spectra.length > 0 ? ', references: [Y metal, LYC]' : '';
    lines.push(
      `  - { name: y-valence, file: yk-stack.h5, role: energy-stack, edge: Y K, pixel: ${settings['stack.pixel']} um${references} }`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function positionsLine({ positions, start, step, patterns }: Settings): string {
  if (positions === 'uneven') return '    positions: uxrd/positions.csv';
  if (positions === 'even') return `    positions: { start: ${start} um, step: ${step} um }`;
  return `    positions: { start: ${start + (patterns - 1) * step} um, step: ${-step} um }`;
}

/** A YAML scalar; quoted where it is not a plain word. */
const quoted = (text: string): string => (/^[A-Za-z][\w ./()-]*$/.test(text) ? text : JSON.stringify(text));
