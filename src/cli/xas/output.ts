import { join } from 'node:path';
import { formatXdi } from '../../formats/spectra/xdi-write.js';
import type { Column, Spectrum } from '../../measurement.js';
import { estimateNoise } from '../../xas/curve/noise.js';
import { printJson } from '../json.js';
import { writeTold } from '../write-file.js';
import type { SpectrumFlags } from './flags.js';

/** What the user should know goes beside the result, to stderr. */
export const tell = (message: string): void => console.error(message);

/** A label as a file name: what a path could not hold becomes a hyphen. */
export const fileName = (label: string): string =>
  label.replace(/[^\p{L}\p{N}._ +()-]+/gu, '-').trim() || 'spectrum';

/** Columns of equal length as a CSV with a header. */
export async function writeCurves(path: string, columns: Record<string, Float64Array>): Promise<void> {
  const names = Object.keys(columns);
  const length = Math.max(...names.map((name) => columns[name]!.length));
  const lines = [names.map((name) => (/[",]/u.test(name) ? JSON.stringify(name) : name)).join(',')];
  for (let i = 0; i < length; i++) lines.push(names.map((name) => String(columns[name]![i])).join(','));
  await writeTold(path, `${lines.join('\n')}\n`);
}

/** What is written beside a spectrum. */
export interface SpectrumNotes {
  /** What was done to it, a line each. */
  comments: string[];
  columns?: Record<string, Float64Array>;
  /** Fields of the header. */
  fields?: Record<string, string>;
}

/**
 * A spectrum as XDI, which every step reads again: energy, mu, its uncertainty and the reference channel. Where the points
 * have no stated uncertainty it is estimated from their scatter.
 */
export async function writeSpectrum(folder: string, spectrum: Spectrum, notes: SpectrumNotes): Promise<void> {
  const { label, element, edge, energy_eV, mu, reference } = spectrum;
  const { sigma } = estimateNoise(energy_eV, mu, spectrum.sigma);
  const column = (
    name: string,
    role: Column['role'],
    values: Float64Array,
    unit: string | null = null,
  ): Column => ({ name, unit, role, values });
  const fluorescence = spectrum.source === 'fluorescence';
  const { text } = formatXdi({
    title: label,
    format: 'XDI',
    element,
    edge,
    columns: [
      column('energy', 'energy', energy_eV, 'eV'),
      fluorescence ? column('mufluor', 'mufluor', mu) : column('mutrans', 'mutrans', mu),
      column('mu_sigma', 'other', sigma),
      ...(reference ? [column('murefer', 'murefer', reference)] : []),
      ...Object.entries(notes.columns ?? {}).map(([name, values]) => column(name, 'other', values)),
    ],
    metadata: { ...headerOf(spectrum), ...notes.fields, comments: [label, ...notes.comments].join('\n') },
    muHint: null,
    warnings: [],
    stored: {},
  });
  await writeTold(join(folder, `${fileName(label)}.xdi`), text);
}

const headerOf = ({ dSpacing_A }: Spectrum): Record<string, string> =>
  dSpacing_A ? { 'Mono.d_spacing': String(dSpacing_A) } : {};

export function print(flags: SpectrumFlags, data: unknown, table: () => string): void {
  if (flags.json) printJson(data);
  else console.log(table());
}
