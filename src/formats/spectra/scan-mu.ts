import { InputError, type Place } from '../../errors.js';
import type { Column, ColumnRole, MuSource } from '../../measurement.js';
import { suggestion } from '../common/nearest.js';
import { edgeClarity } from './edge-clarity.js';
import { logRatioAmong } from './log-ratio.js';

/** mu along a scan with its counting uncertainty where the channels are counts. */
export interface Channel {
  mu: Float64Array;
  sigma: Float64Array | null;
}

export const columnOf = (columns: Column[], name: string): Column | undefined =>
  columns.find((column) => column.name === name) ??
  columns.find((column) => column.name.toLowerCase() === name.toLowerCase());

const withRole = (columns: Column[], role: ColumnRole): Column | undefined =>
  columns.find((column) => column.role === role);

/** What the columns allow, best first: raw channels before what was made of them. */
export function possibleSources(columns: Column[]): MuSource[] {
  const sources: MuSource[] = [];
  const ready = (['mutrans', 'mufluor', 'norm'] as const)
    .map((role) => withRole(columns, role))
    .find((column) => column !== undefined);
  const i0 = withRole(columns, 'i0') !== undefined;
  if (i0 && withRole(columns, 'itrans')) sources.push('transmission');
  if (i0 && withRole(columns, 'fluorescence')) sources.push('fluorescence');
  if (ready !== undefined && sources.length === 0) return [{ column: ready.name }];
  if (sources.length === 0 && withRole(columns, 'murefer'))
    return [{ column: withRole(columns, 'murefer')!.name }];
  if (sources.length === 0 && withRole(columns, 'itrans') && withRole(columns, 'irefer'))
    return ['reference'];
  // Nothing but energies and one more column: that one is the signal.
  const rest = columns.filter(({ role }) => role !== 'energy' && role !== 'angle');
  if (sources.length === 0 && rest.length === 1 && columns.length === 2) return [{ column: rest[0]!.name }];
  return sources;
}

/** A column that is the signal only because there is no other. */
const isElimination = (columns: Column[], source: MuSource): boolean =>
  typeof source === 'object' && columnOf(columns, source.column)?.role === 'other';

/**
 * How mu is to be formed: as asked, as the file hints, or as its columns allow. Where both transmission and fluorescence
 * are there and nothing says which is meant, the one with the clearer edge is taken and the choice told.
 */
export function chooseSource(
  columns: Column[],
  energies: Float64Array,
  edge_eV: number,
  { asked, hint }: { asked: MuSource | null; hint: MuSource | null },
  warn: (message: string) => void,
  place: Place,
): MuSource {
  if (asked !== null) return asked;
  if (hint !== null) return hint;
  const possible = possibleSources(columns);
  if (possible.length === 1) {
    const [source] = possible as [MuSource];
    if (isElimination(columns, source))
      warn(`'${(source as { column: string }).column}' is its only other column and is taken as mu`);
    return source;
  }
  if (possible.length === 0) throw unknownColumns(columns, place);
  const clarity = possible.map((source) => edgeClarity(energies, formMu(columns, source, place).mu, edge_eV));
  const best = clarity[1]! > clarity[0]! ? 1 : 0;
  warn(
    `holds transmission and fluorescence; ${String(possible[best])} has the clearer edge and is taken (write mu: ${String(possible[1 - best])} for the other)`,
  );
  return possible[best]!;
}

/** Nothing says which columns make mu. */
export function unknownColumns(columns: Column[], place: Place): InputError {
  const names = columns
    .map(({ name }, i) => `${i + 1} ${name}`)
    .slice(0, 12)
    .join(', ');
  return new InputError(
    `does not say which of its columns make mu (${names})`,
    place,
    columnProposal(columns),
  );
}

/** How to name the columns; where one of them is the logarithm of the ratio of two others, those are named. */
export function columnProposal(columns: Column[]): string {
  const found = logRatioAmong(columns);
  const energy = columns.findIndex(({ role }) => role === 'energy') + 1 || 1;
  const [i0, it] = found === null ? [energy + 1, energy + 2] : [found.before + 1, found.behind + 1];
  const why = found === null ? '' : `column ${found.ratio + 1} is ln(column ${i0}/column ${it}): `;
  return `${why}write columns: { energy: ${energy}, i0: ${i0}, it: ${it} } or mu: column-name, on the command line --columns energy=${energy},i0=${i0},it=${it} or --mu`;
}

/** Forms mu of a source. @throws InputError where its columns are missing. */
export function formMu(columns: Column[], source: MuSource, place: Place): Channel {
  if (typeof source === 'object') {
    const column = columnOf(columns, source.column);
    if (column === undefined) {
      throw new InputError(
        `has no column '${source.column}'`,
        place,
        suggestion(source.column, [
          ...columns.map(({ name }) => name),
          'fluorescence',
          'transmission',
          'reference',
        ]),
      );
    }
    return { mu: column.values, sigma: statedSigma(columns, column) };
  }
  const need = (role: ColumnRole, words: string): Column => {
    const column = withRole(columns, role);
    if (column !== undefined) return column;
    const key = { i0: 'i0', itrans: 'it', irefer: 'ir', fluorescence: 'if' }[role as 'i0'] ?? role;
    throw new InputError(
      `has no column for ${words}, which mu: ${source} needs`,
      place,
      `name it: columns: { ${key}: 3 }`,
    );
  };
  const stored = withRole(
    columns,
    source === 'transmission' ? 'mutrans' : source === 'fluorescence' ? 'mufluor' : 'murefer',
  );
  const raw = source === 'transmission' ? 'itrans' : source === 'fluorescence' ? 'fluorescence' : 'irefer';
  if (withRole(columns, raw) === undefined && stored !== undefined)
    return { mu: stored.values, sigma: statedSigma(columns, stored) };
  if (source === 'fluorescence')
    return fluorescence(columns, need('i0', 'I0'), need('fluorescence', 'fluorescence'));
  if (source === 'transmission') return logRatio(need('i0', 'I0'), need('itrans', 'the transmitted beam'));
  return logRatio(
    need('itrans', 'the beam before the reference'),
    need('irefer', 'the beam behind the reference'),
  );
}

/** The uncertainty that a merged or cleaned file holds beside its mu: our `mu_sigma`, Larch's `mu_std`. */
function statedSigma(columns: Column[], { role }: Column): Float64Array | null {
  if (role !== 'mutrans' && role !== 'mufluor') return null;
  const beside = columns.find(({ name }) => /^mu_(?:sigma|std)$/iu.test(name));
  return beside?.values.every((value) => value > 0) ? beside.values : null;
}

/** ln(before/behind); with counts N1, N2 its variance is 1/N1 + 1/N2. */
function logRatio(before: Column, behind: Column): Channel {
  const [a, b] = [before.values, behind.values];
  const mu = a.map((value, i) => (value * b[i]! > 0 ? Math.log(value / b[i]!) : Number.NaN));
  const counted = statesCounts(before) && statesCounts(behind);
  return { mu, sigma: counted ? a.map((value, i) => Math.sqrt(1 / value + 1 / b[i]!)) : null };
}

/**
 * Sum of the fluorescence channels over I0. Channels that are raw regions of interest with input and output count rates
 * beside them are multiplied by ICR/OCR (non-paralysable and paralysable dead time alike, where ICR is the true rate).
 */
function fluorescence(columns: Column[], i0: Column, first: Column): Channel {
  const channels = columns.filter(({ role }) => role === 'fluorescence');
  const length = first.values.length;
  const sum = new Float64Array(length);
  const variance = new Float64Array(length);
  let counted = true;
  for (const channel of channels) {
    const { factor, counts } = channel.sigma ? CORRECTED : deadTimeOf(channel, columns);
    if (counts === null && !channel.sigma) counted = false;
    for (let i = 0; i < length; i++) {
      const corrected = channel.values[i]! * (factor?.[i] ?? 1);
      sum[i]! += corrected;
      const raw = counts?.[i] ?? 0;
      variance[i]! += channel.sigma ? channel.sigma[i]! ** 2 : raw > 0 ? corrected ** 2 / raw : 1;
    }
  }
  const denominator = i0.values;
  const mu = sum.map((value, i) => (denominator[i] !== 0 ? value / denominator[i]! : Number.NaN));
  const i0Counts = statesCounts(i0) || isWhole(i0.values);
  const sigma = mu.map((value, i) => {
    const relative = i0Counts ? 1 / Math.max(1, denominator[i]!) : 0;
    return Math.sqrt(variance[i]! / denominator[i]! ** 2 + value * value * relative);
  });
  return { mu, sigma: counted ? sigma : null };
}

/** Of a channel that has been corrected and knows its uncertainty. */
const CORRECTED = { factor: null, counts: null };

/** Dead-time factor of a channel, and the counts behind each of its values (null where they are not counts). */
function deadTimeOf(
  channel: Column,
  columns: Column[],
): { factor: Float64Array | null; counts: Float64Array | null } {
  const number = /(\d+)\D*$/u.exec(channel.name)?.[1];
  const beside = (...kinds: string[]): Float64Array | undefined => {
    const pattern = new RegExp(`^(?:${kinds.join('|')})[\\s._-]?(?:ch|mca)?${number}$`, 'iu');
    return number === undefined ? undefined : columns.find(({ name }) => pattern.test(name.trim()))?.values;
  };
  if (/^(?:dtc|corr|ffdt)/iu.test(channel.name)) {
    const raw = beside('roi') ?? null;
    return { factor: null, counts: raw !== null && isWhole(raw) ? raw : null };
  }
  const counts = statesCounts(channel) || isWhole(channel.values) ? channel.values : null;
  const factor = beside('dtfactor');
  if (factor !== undefined && /mca/iu.test(channel.name)) {
    return { factor: factor.map((value) => (value >= 1 ? value : 1)), counts };
  }
  // Rates in and out of the shaping: ICR and OCR, at NSLS X23A2 the counts of the fast and the slow channel.
  const [icr, ocr] = [beside('icr', 'if?fast'), beside('ocr', 'if?slow')];
  if (icr === undefined || ocr === undefined || !/^(?:roi|if(?:ch)?_?\d)/iu.test(channel.name))
    return { factor: null, counts };
  return { factor: icr.map((value, i) => (ocr[i]! > 0 && value >= ocr[i]! ? value / ocr[i]! : 1)), counts };
}

const statesCounts = ({ unit }: Column): boolean => /^(?:counts?|cts|photons?)$/iu.test(unit?.trim() ?? '');

/** Whole, non-negative and large enough to be counts rather than a ratio. */
function isWhole(values: Float64Array): boolean {
  let largest = 0;
  for (const value of values) {
    if (!Number.isInteger(value) || value < 0) return false;
    if (value > largest) largest = value;
  }
  return largest >= 10;
}

/** ln(It/Ir) where both channels are there and show an edge; null otherwise. */
export function referenceMu(columns: Column[], energies: Float64Array, edge_eV: number): Float64Array | null {
  const stored = withRole(columns, 'murefer');
  const [it, ir] = [withRole(columns, 'itrans'), withRole(columns, 'irefer')];
  const mu = it && ir ? logRatio(it, ir).mu : (stored?.values ?? null);
  if (mu === null || mu.some((value) => !Number.isFinite(value))) return null;
  return edgeClarity(energies, mu, edge_eV) > 10 ? mu : null;
}
