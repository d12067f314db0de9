import type { Spectrum } from '../../measurement.js';

/** A spectrum as a group of an Athena project; ranges are relative to e0. */
export interface AthenaGroup {
  spectrum: Spectrum;
  e0_eV: number;
  /** Parameters that a project stored (`SpectrumScan.stored`), or nothing: then Athena's usual ranges. */
  stored: Record<string, string>;
}

/**
 * The text of an Athena project (to be gzipped): the same lists that Athena 0.9.26 writes, so that Athena and Larch open
 * it. Energies are written as they are, with a shift of zero; `bkg_nnorm` counts terms, one more than the degree.
 */
export function formatAthena(groups: AthenaGroup[], createdAt: string): string {
  const head = [
    '# Athena project file -- Demeter version 0.9.26',
    `# This file created at ${createdAt}`,
    '# Using Interphase',
    '',
  ];
  const names = groups.map((_, index) => groupName(index));
  const bodies = groups.map((group, index) => groupText(group, names[index]!));
  const tail = [
    "@journal = ('');",
    '',
    '1;',
    '',
    '',
    '# Local Variables:',
    '# truncate-lines: t',
    '# End:',
    '',
  ];
  return [...head, ...bodies, ...tail].join('\n');
}

/** Four letters, as Athena calls its groups: aaaa, aaab … */
const groupName = (index: number): string =>
  [17576, 676, 26, 1].map((weight) => String.fromCharCode(97 + (Math.floor(index / weight) % 26))).join('');

function groupText(group: AthenaGroup, name: string): string {
  const { spectrum } = group;
  const lists = [
    `$old_group = '${name}';`,
    `@args = (${argumentsOf(group, name)
      .map(([key, value]) => `${quoted(key)},${quoted(value)}`)
      .join(',')});`,
    `@x = (${list(spectrum.energy_eV)});`,
    `@y = (${list(spectrum.mu)});`,
    ...(spectrum.sigma === null ? [] : [`@stddev = (${list(spectrum.sigma)});`]),
    '[record]   # create object and set arrays in ifeffit',
    '',
  ];
  return lists.join('\n');
}

function argumentsOf({ spectrum, e0_eV, stored }: AthenaGroup, name: string): [string, string][] {
  const { energy_eV, label, element, edge, mu } = spectrum;
  const [below, above] = [energy_eV[0]! - e0_eV, energy_eV.at(-1)! - e0_eV];
  const narrow = above < 100;
  const range = (key: string, usual: number): string => stored[key] ?? String(Number(usual.toFixed(3)));
  const degree = Number(stored.degree ?? (narrow ? 1 : 2));
  return [
    ['label', label],
    ['group', name],
    ['tag', name],
    ['datatype', narrow ? 'xanes' : 'xmu'],
    ['is_xmu', narrow ? '0' : '1'],
    ['is_xanes', narrow ? '1' : '0'],
    ['is_nor', '0'],
    ['is_col', '0'],
    ['npts', String(mu.length)],
    ['xmin', String(energy_eV[0]!)],
    ['xmax', String(energy_eV.at(-1)!)],
    ['bkg_z', element],
    ['fft_edge', edge.toLowerCase()],
    ['bkg_e0', String(e0_eV)],
    ['bkg_eshift', '0'],
    ['bkg_pre1', range('pre1_eV', Math.max(-150, below))],
    ['bkg_pre2', range('pre2_eV', Math.max(-30, below / 3))],
    ['bkg_nor1', range('norm1_eV', narrow ? Math.min(15, above / 3) : Math.min(150, above / 3))],
    ['bkg_nor2', range('norm2_eV', narrow ? above : Math.max(above - 100, above / 2))],
    ['bkg_nnorm', String(degree + 1)],
    ['bkg_step', stored.edgeStep ?? '1'],
    ['bkg_fixstep', stored.fixedStep === 'true' ? '1' : '0'],
    ['bkg_flatten', '1'],
    ['importance', stored.importance ?? '1'],
  ];
}

const list = (values: Float64Array): string => Array.from(values, (value) => `'${value}'`).join(',');

/** A Perl string in single quotes; other characters than ASCII go as \x{…} in double quotes. */
function quoted(text: string): string {
  const line = text.replace(/[\r\n]+/gu, ' ');
  if (/^[\x20-\x7e]*$/u.test(line)) return `'${line.replace(/[\\']/gu, '\\$&')}'`;
  const coded = line
    .replace(/[\\"$@]/gu, '\\$&')
    .replace(/[^\x20-\x7e]/gu, (character) => `\\x{${character.codePointAt(0)!.toString(16)}}`);
  return `"${coded}"`;
}
