import { InputError } from '../../errors.js';
import { fCdf } from '../../numeric/statistics.js';
import { counted } from '../../words.js';
import { interpolateLinear, rangeWithin } from '../../xas/curve/grid.js';
import { estimateNoise } from '../../xas/curve/noise.js';
import {
  componentRanges,
  type PrincipalComponents,
  principalComponents,
  resolveMixture,
  targetTransform,
} from '../../xas/mixture/components.js';
import type { Curve } from '../../xas/mixture/mixture-options.js';
import { writeFigure } from '../loose-figures.js';
import { textTable } from '../table.js';
import type { SeriesFlags } from './flags.js';
import { curveOf, rangeOf } from './lcf.js';
import { fitOrFault, loadSpectra, needOneEdge } from './load.js';
import { print, writeCurves } from './output.js';

interface Series {
  labels: string[];
  energy_eV: Float64Array;
  data: Float64Array[];
  /** Median standard uncertainty of a point. */
  noise: number;
  /** Any curve on the series' energies. @throws RangeError where it does not cover them */
  on(curve: Curve): Float64Array;
}

/** The series on the energies of its first spectrum, in the range that all cover. */
async function seriesOfFiles(files: string[], flags: SeriesFlags): Promise<Series> {
  const loaded = await loadSpectra(files, flags);
  needOneEdge(loaded, 3, 'decompose');
  const curves: Curve[] = [];
  for (const one of loaded) curves.push(await curveOf(one, flags));
  const range = await rangeOf(loaded[0]!, flags);
  const low = Math.max(range[0], ...curves.map(({ energy_eV }) => energy_eV[0]!));
  const high = Math.min(range[1], ...curves.map(({ energy_eV }) => energy_eV.at(-1)!));
  const [from, to] = rangeWithin(curves[0]!.energy_eV, low, high);
  if (to - from < 5)
    throw new InputError(`the spectra share only ${to - from} points from ${range[0]} to ${range[1]} eV`);
  const energy_eV = curves[0]!.energy_eV.slice(from, to);
  const on = ({ label, energy_eV: x, values }: Curve): Float64Array => {
    const out = interpolateLinear(x, values, energy_eV);
    if (out.some(Number.isNaN))
      throw new RangeError(`${label} does not cover ${energy_eV[0]} to ${energy_eV.at(-1)} eV`);
    return out;
  };
  const data = curves.map(on);
  const noise = data.map((y) => estimateNoise(energy_eV, y).sigma).flatMap((sigma) => [...sigma]);
  noise.sort((a, b) => a - b);
  return { labels: curves.map(({ label }) => label), energy_eV, data, noise: noise[noise.length >> 1]!, on };
}

export async function pcaOfFiles(files: string[], flags: SeriesFlags): Promise<void> {
  const series = await seriesOfFiles(files, flags);
  const found = fitOrFault(() => principalComponents(series.data, fCdf), files[0]!);
  const count = countOf(flags, found, series.data.length);
  const targets: { label: string; misfit: number }[] = [];
  for (const file of flags.target ?? [])
    for (const one of await loadSpectra([file], flags)) {
      const curve = await curveOf(one, flags);
      const values = fitOrFault(() => series.on(curve), file);
      const { misfit } = targetTransform(found, count, values, series.noise);
      targets.push({ label: curve.label, misfit });
    }
  if (flags.out) await writePrincipal(flags.out, series, found, count);
  const rows = Array.from(found.singularValues, (value, k) => ({
    component: k + 1,
    singular_value: value,
    indicator: found.indicator[k] ?? null,
    noise_probability: found.significance[k] ?? null,
  }));
  print(
    flags,
    {
      spectra: series.labels,
      points: series.energy_eV.length,
      noise: series.noise,
      count,
      components: rows,
      targets,
    },
    () =>
      [
        textTable(
          ['component', 'singular value', 'IND', 'F (noise)'],
          rows.map((row) => [
            String(row.component),
            row.singular_value.toPrecision(4),
            row.indicator?.toExponential(2) ?? '–',
            row.noise_probability?.toPrecision(2) ?? '–',
          ]),
        ),
        `\n${counted(count, 'component')} ${count === 1 ? 'carries' : 'carry'} signal in ${counted(series.labels.length, 'spectrum')}${flags.components ? ' (as asked)' : ''}`,
        ...(targets.length
          ? [
              `\n${textTable(
                ['target', 'misfit / noise'],
                targets.map((t) => [t.label, t.misfit.toFixed(2)]),
              )}`,
            ]
          : []),
      ].join('\n'),
  );
}

const countOf = ({ components }: SeriesFlags, found: PrincipalComponents, spectra: number): number => {
  if (components === undefined) return found.count;
  if (Number.isInteger(components) && components >= 1 && components < spectra) return components;
  throw new InputError(`--components ${components}: it takes 1 to ${spectra - 1} for ${spectra} spectra`);
};

async function writePrincipal(
  folder: string,
  series: Series,
  found: PrincipalComponents,
  count: number,
): Promise<void> {
  const components = found.spectra
    .slice(0, Math.min(found.spectra.length, count + 1, 6))
    .map((values, k) => ({ name: `component ${k + 1}`, values }));
  await writeCurves(`${folder}/principal-components.csv`, {
    energy_eV: series.energy_eV,
    ...Object.fromEntries(found.spectra.map((values, k) => [`component_${k + 1}`, values])),
  });
  const { principalFigure } = await import('../../report/figures/series-components.js');
  await writeFigure(folder, principalFigure({ energy_eV: series.energy_eV, ...found, count, components }));
}

export async function mcrOfFiles(files: string[], flags: SeriesFlags): Promise<void> {
  const series = await seriesOfFiles(files, flags);
  const found = fitOrFault(() => principalComponents(series.data, fCdf), files[0]!);
  const count = countOf(flags, found, series.data.length);
  const resolved = fitOrFault(() => resolveMixture(series.data, count), files[0]!);
  const ranges = componentRanges(series.data, resolved, series.noise);
  const names = resolved.spectra.map((_, j) => `component ${j + 1}`);
  if (flags.out) {
    await writeCurves(`${flags.out}/resolved-spectra.csv`, {
      energy_eV: series.energy_eV,
      ...Object.fromEntries(names.map((name, j) => [name.replace(' ', '_'), resolved.spectra[j]!])),
    });
    const { resolvedFigure } = await import('../../report/figures/series-components.js');
    await writeFigure(
      flags.out,
      resolvedFigure({
        energy_eV: series.energy_eV,
        spectra: names.map((name, j) => ({ name, values: resolved.spectra[j]! })),
        labels: series.labels,
        weights: names.map((_, j) => Float64Array.from(resolved.weights, (w) => w[j]!)),
      }),
    );
  }
  const rows = series.labels.map((label, k) => ({
    label,
    weights: Object.fromEntries(
      names.map((name, j) => [name, { value: resolved.weights[k]![j]!, range: ranges[k]![j]! }]),
    ),
  }));
  const data = {
    components: count,
    residual: resolved.residual,
    noise: series.noise,
    iterations: resolved.iterations,
    spectra: rows,
  };
  print(flags, data, () =>
    [
      textTable(
        ['spectrum', ...names.map((name) => `${name} (range)`)],
        rows.map((row) => [
          row.label,
          ...Object.values(row.weights).map(
            ({ value, range }) => `${value.toFixed(3)} (${range[0].toFixed(2)} to ${range[1].toFixed(2)})`,
          ),
        ]),
      ),
      `\nresidual ${resolved.residual.toPrecision(2)}, noise ${series.noise.toPrecision(2)}; range: what other non-negative spectra would give that describe the series as well`,
    ].join('\n'),
  );
}
