import { InputError, type Place } from '../../errors.js';
import type { SpectrumEntry } from '../../experiment.js';
import type { Column, MuSource, Spectrum, SpectrumScan } from '../../measurement.js';
import { edgeEnergy_eV } from '../../reference/edges.js';
import { rangeOf } from '../common/range.js';
import { withAssignedRoles } from './assigned-roles.js';
import { edgeClarity } from './edge-clarity.js';
import { withElementChannels } from './element-channels.js';
import { monoSpacing_A } from './mono-spacing.js';
import { COVERED_WITHIN_EV, scanEnergies } from './scan-energies.js';
import { type Channel, chooseSource, formMu, referenceMu } from './scan-mu.js';

export interface SpectrumRequest {
  element: string;
  edge: string;
  label: string;
  columns?: SpectrumEntry['columns'];
  /** How to form mu; without it the file's own hint, or what its columns allow. */
  mu?: MuSource | null;
  /** false leaves the simultaneous reference out. */
  wantReference?: boolean;
  /** What is done to the columns before mu is formed, once their roles are known. */
  prepare?: (columns: Column[]) => Column[];
  /** Told for every repair and assumption. */
  warn?: (message: string) => void;
  /** For messages. */
  path?: string;
}

/**
 * Forms absorption against energy of a scan: ln(I0/It), sum of the fluorescence channels over I0, ln(It/Ir), or a column
 * that already holds mu. Energies come out in eV, strictly ascending: rows that are not finite are left out, order is
 * restored, equal energies are averaged, each with a warning. `sigma` is counting statistics where the channels are
 * counts, else null.
 * @throws InputError where columns are missing, energies are not eV or do not cover the edge.
 */
export function spectrumFromScan(scan: SpectrumScan, request: SpectrumRequest): Spectrum {
  const warn = request.warn ?? (() => undefined);
  const place: Place = { path: request.path ?? scan.title };
  const told = request.columns ? withAssignedRoles(scan, request.columns, place) : scan;
  const known = withElementChannels(told.columns, request.element);
  const columns = request.prepare?.(known) ?? known;
  const edge_eV = edgeEnergy_eV(request.element, request.edge);
  const { energies, assumption } = scanEnergies(columns, scan.metadata, place, edge_eV);
  if (assumption !== null) warn(assumption);
  checkCoverage(energies, edge_eV, request, place);
  const source = chooseSource(
    columns,
    energies,
    edge_eV,
    { asked: request.mu ?? null, hint: told.muHint },
    warn,
    place,
  );
  const channel = formMu(columns, source, place);
  const wanted = request.wantReference !== false && source !== 'reference';
  const reference =
    wanted && referenceFits(scan, request.element) ? referenceMu(columns, energies, edge_eV) : null;
  if (reference !== null && source === 'transmission') {
    const clarity = edgeClarity(energies, channel.mu, edge_eV);
    if (clarity < 2 || clarity < edgeClarity(energies, reference, edge_eV) / 50)
      warn(
        'ln(I0/It) shows hardly an edge, but ln(It/Ir) does: write mu: reference if the sample stood there',
      );
  }
  const rows = cleanRows(energies, channel, reference, warn, place);
  if (rows.energy_eV.length < 5)
    throw new InputError(`only ${rows.energy_eV.length} usable points are left`, place);
  if (scan.element && scan.element !== request.element)
    warn(`its header says ${scan.element}, the experiment ${request.element}`);
  return {
    label: request.label,
    element: request.element,
    edge: request.edge,
    ...rows,
    source,
    ...axisOf(scan.metadata),
    ...(Object.keys(scan.stored).length > 0 ? { stored: scan.stored } : {}),
  };
}

/** What the header says about the monochromator and the calibration of the energies. */
function axisOf(metadata: Record<string, string>): Pick<Spectrum, 'dSpacing_A' | 'axisSigma_eV'> {
  const spacing = monoSpacing_A(metadata);
  const sigma = Number(metadata['Calibration.shift_sigma_eV'] ?? Number.NaN);
  return {
    ...(spacing === null ? {} : { dSpacing_A: spacing }),
    ...(sigma > 0 && Number.isFinite(sigma) ? { axisSigma_eV: sigma } : {}),
  };
}

/** A reference foil of another element says nothing about this edge. */
function referenceFits({ metadata }: SpectrumScan, element: string): boolean {
  const stated = metadata['Element.reference'] ?? metadata['Element.Reference'];
  return stated === undefined || !/^[A-Z][a-z]?$/u.test(stated.trim()) || stated.trim() === element;
}

function checkCoverage(
  energies: Float64Array,
  edge_eV: number,
  { element, edge }: SpectrumRequest,
  place: Place,
): void {
  const [low, high] = rangeOf(energies) ?? [Number.NaN, Number.NaN];
  if (low - COVERED_WITHIN_EV <= edge_eV && high + COVERED_WITHIN_EV >= edge_eV) return;
  const range = `${round(low)} to ${round(high)}`;
  const tabulated = `the ${element} ${edge} edge at ${edge_eV} eV`;
  if (low > 0 && low * 1000 - 10 <= edge_eV && high * 1000 + 10 >= edge_eV) {
    throw new InputError(
      `its energies, ${range}, are keV where eV are stated`,
      place,
      'state the unit keV in its header, or multiply them by 1000',
    );
  }
  throw new InputError(
    `its energies, ${range} eV, do not cover ${tabulated}`,
    place,
    'check the edge and the energy column',
  );
}

const round = (value: number): number => Number(value.toPrecision(7));

type Rows = Pick<Spectrum, 'energy_eV' | 'mu' | 'sigma' | 'reference'>;

function cleanRows(
  energies: Float64Array,
  { mu, sigma }: Channel,
  reference: Float64Array | null,
  warn: (message: string) => void,
  place: Place,
): Rows {
  const usable = Uint32Array.from(energies.keys()).filter(
    (i) => Number.isFinite(energies[i]!) && Number.isFinite(mu[i]!),
  );
  const lost = energies.length - usable.length;
  if (lost === energies.length)
    throw new InputError(
      'its signal is nowhere a usable number',
      place,
      'check the columns with: interphase inspect',
    );
  if (lost > 0)
    warn(`${lost} of ${energies.length} rows are left out: energy or signal is not a usable number`);
  const ascending = usable.every((row, k) => k === 0 || energies[row]! >= energies[usable[k - 1]!]!);
  const falling = usable.every((row, k) => k === 0 || energies[row]! <= energies[usable[k - 1]!]!);
  if (!ascending)
    warn(falling ? 'its energies fall and are turned round' : 'its energies are not in order and are sorted');
  const order = ascending ? usable : usable.toSorted((a, b) => energies[a]! - energies[b]!);
  const merged = mergeEqual(order, energies, mu, sigma, reference);
  const equal = order.length - merged.energy_eV.length;
  if (equal > 0) warn(`${equal} repeated energies are averaged`);
  return merged;
}

function mergeEqual(
  order: Uint32Array,
  energies: Float64Array,
  mu: Float64Array,
  sigma: Float64Array | null,
  reference: Float64Array | null,
): Rows {
  const out = {
    energy: [] as number[],
    mu: [] as number[],
    sigma: [] as number[],
    reference: [] as number[],
  };
  for (let start = 0, end = 0; start < order.length; start = end) {
    let [sum, square, foil] = [0, 0, 0];
    for (end = start; end < order.length && energies[order[end]!] === energies[order[start]!]; end++) {
      const row = order[end]!;
      sum += mu[row]!;
      square += (sigma?.[row] ?? 0) ** 2;
      foil += reference?.[row] ?? 0;
    }
    const count = end - start;
    out.energy.push(energies[order[start]!]!);
    out.mu.push(sum / count);
    out.sigma.push(Math.sqrt(square) / count);
    out.reference.push(foil / count);
  }
  return {
    energy_eV: Float64Array.from(out.energy),
    mu: Float64Array.from(out.mu),
    sigma: sigma === null ? null : Float64Array.from(out.sigma),
    reference: reference === null ? null : Float64Array.from(out.reference),
  };
}
