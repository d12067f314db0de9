import { band, curve } from '../drawing/curves.js';
import { legendColumn } from '../drawing/legend.js';
import { domainOf, extent } from '../drawing/numbers.js';
import type { Drawing, Mark } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, INK, LIGHT, seriesColour } from '../drawing/theme.js';
import { type Figure, figure, slug } from '../figure.js';

export interface MergedScans {
  label: string;
  energy_eV: Float64Array;
  mu: Float64Array;
  sigma: Float64Array;
  scans: { label: string; energy_eV: Float64Array; mu: Float64Array; note: string }[];
}

const RIGHT = 150;

/** Repeated scans with their mean, and what is left of each when the mean is taken away. */
export const mergedScans = (merged: MergedScans): Figure =>
  figure(
    `merged-${slug(merged.label)}`,
    `${merged.label}: ${merged.scans.length} scans`,
    'Repeated scans (colours) and their mean (black); below, each scan less the mean, and twice the standard error of the ' +
      'mean (grey).',
    () => draw(merged),
  );

function draw({ energy_eV: x, mu, sigma, scans }: MergedScans): Drawing {
  const domain = domainOf(extent(x), 0);
  const upper: Mark[] = scans.map((scan, k) =>
    curve(scan.energy_eV, scan.mu, { stroke: seriesColour(k), width: 0.8, opacity: 0.8 }),
  );
  upper.push(curve(x, mu, { stroke: INK, width: 1.1 }));
  const rests = scans.map((scan) => less(scan, x, mu));
  const range = extent(
    ...rests,
    sigma.map((s) => 2 * s),
  ) ?? [-1, 1];
  const limit = 1.08 * Math.max(Math.abs(range[0]), Math.abs(range[1]));
  const lower: Mark[] = [
    band(
      x,
      sigma.map((s) => -2 * s),
      sigma.map((s) => 2 * s),
      { fill: LIGHT, opacity: 1 },
    ),
    ...rests.map((rest, k) => curve(x, rest, { stroke: seriesColour(k), width: 0.8 })),
  ];
  const margin = { left: 50, right: RIGHT };
  return {
    height: 330,
    panels: [
      {
        left: 0,
        top: 0,
        width: DOUBLE_COLUMN,
        height: 190,
        margin: { ...margin, top: 10, bottom: 4 },
        x: { domain, label: null },
        y: {
          domain: domainOf(extent(mu, ...scans.map((scan) => scan.mu)), 0.04),
          label: 'absorption',
          ticks: 5,
        },
        marks: upper,
      },
      {
        left: 0,
        top: 190,
        width: DOUBLE_COLUMN,
        height: 140,
        margin: { ...margin, top: 6 },
        x: { domain, label: 'energy (eV)', ticks: 6, tickFormat: 'd' },
        y: { domain: [-limit, limit], label: 'scan − mean', ticks: 4 },
        marks: lower,
      },
    ],
    extras: legendColumn(
      [
        { label: 'mean', colour: INK },
        ...scans
          .slice(0, 20)
          .map(({ label, note }, k) => ({ label: `${label}${note}`, colour: seriesColour(k) })),
      ],
      DOUBLE_COLUMN - RIGHT + 6,
      18,
    ),
  };
}

/** A scan less the mean on the mean's energies, by the nearest straight line. */
function less(scan: MergedScans['scans'][number], x: Float64Array, mean: Float64Array): Float64Array {
  let k = 0;
  return x.map((energy, i) => {
    while (k < scan.energy_eV.length - 2 && scan.energy_eV[k + 1]! < energy) k++;
    const [a, b] = [scan.energy_eV[k]!, scan.energy_eV[k + 1]!];
    if (!(energy >= a && energy <= b)) return Number.NaN;
    return scan.mu[k]! + ((scan.mu[k + 1]! - scan.mu[k]!) * (energy - a)) / (b - a) - mean[i]!;
  });
}
