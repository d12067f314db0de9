import { join } from 'node:path';
import { InputError } from '../../errors.js';
import type { ScaleErrors } from '../../xas/curve/curve-change.js';
import { derivative } from '../../xas/curve/grid.js';
import { edgeFeaturesOf } from '../../xas/edge/analyse-edge.js';
import { fitMixture } from '../../xas/mixture/mixture.js';
import type { Curve } from '../../xas/mixture/mixture-options.js';
import type { LcfFlags, SpectrumFlags } from './flags.js';
import { fitOrFault, type LoadedSpectrum, loadSpectra } from './load.js';
import { normalizeOne } from './normalize-one.js';
import { fileName, writeCurves } from './output.js';

export async function lcfOfFiles(files: string[], flags: LcfFlags): Promise<void> {
  const loaded = await loadSpectra(files, flags);
  if (loaded.length < 2)
    throw new InputError(
      'a combination needs standards',
      null,
      'give the spectrum first, then two or more standards',
    );
  const curves: ScaledCurve[] = [];
  for (const one of loaded) curves.push(await curveOf(one, flags));
  const [data, ...standards] = curves as [ScaledCurve, ...ScaledCurve[]];
  const range = await rangeOf(loaded[0]!, flags);
  const options = {
    from_eV: range[0],
    to_eV: range[1],
    sumToOne: flags.sumToOne,
    nonNegative: flags.nonNegative,
    ...(flags.sigma === undefined ? {} : { sigma: flags.sigma }),
    ...(flags.drift === undefined ? {} : { drift_eV: flags.drift, scales: curves.map(({ scale }) => scale) }),
  };
  const { printMixture, printCombinations, fitShifted } = await import('./mixtures.js');
  if (flags.combinations) {
    printCombinations(data, standards, options, flags.combinations, flags);
    return;
  }
  const fit = fitOrFault(
    () =>
      flags.maxShift
        ? fitShifted(data, standards, options, flags.maxShift)
        : fitMixture(data, standards, options),
    loaded[0]!.file,
  );
  if (flags.out) {
    const { element, edge } = loaded[0]!.spectrum;
    await writeCurves(join(flags.out, `${fileName(data.label)}_lcf.csv`), {
      energy_eV: fit.energy_eV,
      data: fit.data,
      fit: fit.fit,
      ...Object.fromEntries(fit.labels.map((label, j) => [label, fit.components[j]!])),
    });
    await (await import('./figures.js')).drawMixture(flags.out, data.label, `${element} ${edge}`, fit);
  }
  printMixture(data.label, fit, range, flags);
}

/** A curve with what its normalisation leaves open; null where it was not normalised here. */
interface ScaledCurve extends Curve {
  scale: ScaleErrors | null;
}

type CurveFlags = SpectrumFlags & Pick<LcfFlags, 'space'>;
type RangeFlags = CurveFlags & Pick<LcfFlags, 'range'>;

const usesMu = ({ isNormalized }: LoadedSpectrum, { space }: CurveFlags): boolean =>
  space === 'mu' || (space === 'auto' && isNormalized);

export async function curveOf(one: LoadedSpectrum, flags: CurveFlags): Promise<ScaledCurve> {
  const { spectrum } = one;
  if (usesMu(one, flags))
    return {
      label: spectrum.label,
      energy_eV: spectrum.energy_eV,
      values: spectrum.mu,
      sigma: spectrum.sigma,
      scale: null,
    };
  const { spectrum: made, scale } = await normalizeOne(one, flags);
  const values =
    flags.space === 'derivative'
      ? derivative(made.energy_eV, made.norm)
      : flags.space === 'flat'
        ? made.flat
        : made.norm;
  return {
    label: spectrum.label,
    energy_eV: made.energy_eV,
    values,
    sigma: flags.space === 'derivative' ? null : made.sigma,
    scale: flags.space === 'derivative' ? null : scale,
  };
}

export async function rangeOf(one: LoadedSpectrum, flags: RangeFlags): Promise<[number, number]> {
  if (flags.range[0] > 1000) return flags.range;
  const e0 = flags.e0 ?? (await e0Of(one, flags));
  return [e0 + flags.range[0], e0 + flags.range[1]];
}

/** The edge energy of the profile; of data that are not normalised here, their main inflection. */
async function e0Of(one: LoadedSpectrum, flags: CurveFlags): Promise<number> {
  if (!usesMu(one, flags)) return (await normalizeOne(one, flags)).spectrum.e0_eV.value;
  const main = edgeFeaturesOf(one.spectrum)?.main;
  if (!main) throw new InputError('no edge stands out from the noise', { path: one.file }, 'give --e0');
  return main.energy_eV.value;
}
