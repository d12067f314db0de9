import { join } from 'node:path';
import { InputError } from '../errors.js';
import type { CalibrationFeature } from '../experiment.js';
import type { CalibratedSpectrum, NormalizedSpectrum, Spectrum } from '../measurement.js';
import { edgeFeaturesOf } from '../xas/analyse-edge.js';
import { calibrationShift } from '../xas/calibration.js';
import type { EdgeFeatures } from '../xas/edge-features.js';
import { derivative } from '../xas/grid.js';
import type { NormalizationChoices } from '../xas/larch-normalization.js';
import { type Curve, fitMixture } from '../xas/mixture.js';
import { type NormalizationProfile, normalizeSpectrum } from '../xas/normalize.js';
import { defaultPeakWindows, type PeakWindow } from '../xas/peak-windows.js';
import { type FittedPeak, fitPreEdge } from '../xas/pre-edge-fit.js';
import { preEdgeFrame } from '../xas/pre-edge-frame.js';
import { plusMinus, textTable } from './table.js';
import { type LoadedSpectrum, loadSpectra } from './xas-load.js';
import { writeCurves } from './xas-output.js';

export interface SpectrumFlags {
  edge?: string;
  group?: string;
  mu?: string;
  energyShift?: number;
  json?: boolean;
  out?: string;
  e0?: number;
  feature?: CalibrationFeature;
  profile?: NormalizationProfile;
  pre?: [number, number];
  post?: [number, number];
  degree?: number;
  victoreen?: number;
  mback?: boolean;
  overAbsorption?: string;
  angles?: [number, number];
}

export interface PeakFlags extends SpectrumFlags {
  peak: string[];
}

export interface LcfFlags extends SpectrumFlags {
  range: [number, number];
  space: 'auto' | 'mu' | 'norm' | 'flat' | 'derivative';
  sumToOne: boolean;
  nonNegative: boolean;
  sigma?: number;
  maxShift?: number;
  combinations?: number;
}

const print = (flags: SpectrumFlags, data: unknown, table: () => string): void =>
  console.log(flags.json ? JSON.stringify(data, finite, 2) : table());

/** JSON has no NaN: what could not be determined is null. */
const finite = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value;

export async function calibrateFiles(files: string[], flags: SpectrumFlags): Promise<void> {
  const results = (await loadSpectra(files, flags)).flatMap((loaded) => [
    calibration(loaded, 'sample', flags),
    ...(loaded.spectrum.reference ? [calibration(loaded, 'reference', flags)] : []),
  ]);
  print(flags, results, () =>
    [
      textTable(
        ['spectrum', 'edge', 'feature', 'measured / eV', 'known / eV', 'shift / eV'],
        results.map((r) => [
          r.label,
          r.edge,
          r.feature ?? '–',
          plusMinus(r.measured_eV),
          r.e0_eV === null ? '–' : String(r.e0_eV),
          plusMinus(r.calibration_shift_eV),
        ]),
      ),
      '',
      textTable(
        ['spectrum', 'inflection / eV', 'prominence'],
        results.flatMap((r) =>
          r.inflections.map((i) => [r.label, plusMinus(i.energy_eV), i.prominence.toFixed(2)]),
        ),
      ),
    ].join('\n'),
  );
}

function calibration({ spectrum }: LoadedSpectrum, channel: 'sample' | 'reference', flags: SpectrumFlags) {
  const features = edgeFeaturesOf(spectrum, channel)!;
  const shift = calibrationShift(
    features,
    spectrum.element,
    spectrum.edge,
    flags.e0 ?? null,
    flags.feature ?? null,
  );
  return {
    label: channel === 'sample' ? spectrum.label : `${spectrum.label} (reference channel)`,
    edge: `${spectrum.element} ${spectrum.edge}`,
    feature: shift?.feature ?? null,
    measured_eV: shift?.measured_eV ?? null,
    e0_eV: shift?.e0_eV ?? null,
    calibration_shift_eV: shift?.shift_eV ?? null,
    inflections: features.inflections.map(({ energy_eV, prominence }) => ({ energy_eV, prominence })),
    main_inflection_eV: features.main?.energy_eV ?? null,
    pre_edge_inflection_eV: features.preEdge?.energy_eV ?? null,
    half_step_eV: features.halfStep,
    white_line_eV: features.whiteLine,
  };
}

interface Normalized {
  spectrum: NormalizedSpectrum;
  features: EdgeFeatures;
}

function choicesOf(flags: SpectrumFlags): NormalizationChoices {
  return {
    e0_eV: flags.e0,
    pre1_eV: flags.pre?.[0],
    pre2_eV: flags.pre?.[1],
    norm1_eV: flags.post?.[0],
    norm2_eV: flags.post?.[1],
    degree: flags.degree,
    victoreen: flags.victoreen,
  };
}

async function normalizeOne({ spectrum, file }: LoadedSpectrum, flags: SpectrumFlags): Promise<Normalized> {
  const features = edgeFeaturesOf(spectrum)!;
  const calibrated = {
    ...spectrum,
    shift_eV: { value: flags.energyShift ?? 0, sigma: 0 },
  } as CalibratedSpectrum;
  const told = (warning: string): void => console.error(`${spectrum.label}: ${warning}`);
  try {
    const outcome = normalizeSpectrum(calibrated, features, flags.profile, choicesOf(flags));
    outcome.warnings.forEach(told);
    let made = outcome.spectrum;
    const { applyMback, applyOverAbsorption } = await import('./xas-corrections.js');
    if (flags.mback) made = applyMback(made);
    if (flags.overAbsorption)
      made = applyOverAbsorption(made, flags.overAbsorption, flags.angles ?? [45, 45], told);
    return { spectrum: made, features };
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new InputError(thrown.message, { path: file });
    throw thrown;
  }
}

export async function normalizeFiles(files: string[], flags: SpectrumFlags): Promise<void> {
  const made = await normalizeAll(await loadSpectra(files, flags), flags);
  const results = made.map(({ spectrum: s }) => ({
    label: s.label,
    edge: `${s.element} ${s.edge}`,
    profile: s.profile,
    e0_eV: s.e0_eV,
    edge_step: s.edgeStep,
    ranges: s.ranges,
    points: s.energy_eV.length,
  }));
  if (flags.out)
    for (const { spectrum: s } of made)
      await writeCurves(join(flags.out, `${s.label}.csv`), {
        energy_eV: s.energy_eV,
        mu: s.mu,
        norm: s.norm,
        flat: s.flat,
        sigma: s.sigma,
        pre_edge: s.preEdge,
        post_edge: s.postEdge,
        derivative_per_eV: derivative(s.energy_eV, s.norm),
      });
  print(flags, results, () =>
    textTable(
      ['spectrum', 'edge', 'profile', 'e0 / eV', 'edge step', 'pre / eV', 'post / eV', 'degree'],
      results.map((r) => [
        r.label,
        r.edge,
        r.profile,
        plusMinus(r.e0_eV),
        plusMinus(r.edge_step),
        `${r.ranges.pre1_eV.toFixed(1)} to ${r.ranges.pre2_eV.toFixed(1)}`,
        `${r.ranges.norm1_eV.toFixed(1)} to ${r.ranges.norm2_eV.toFixed(1)}`,
        String(r.ranges.degree),
      ]),
    ),
  );
}

async function normalizeAll(loaded: LoadedSpectrum[], flags: SpectrumFlags): Promise<Normalized[]> {
  const made: Normalized[] = [];
  for (const one of loaded) made.push(await normalizeOne(one, flags));
  return made;
}

export async function peaksOfFiles(files: string[], flags: PeakFlags): Promise<void> {
  const named = flags.peak.map(windowOf);
  const loaded = await loadSpectra(files, flags);
  const results: PeakRow[] = [];
  for (const one of loaded) {
    const { spectrum } = await normalizeOne(one, flags);
    const windows = named.length ? named : defaultPeakWindows(spectrum.element, spectrum.edge);
    if (windows.length === 0)
      throw new InputError(
        `no peaks are known below the ${spectrum.element} ${spectrum.edge} edge`,
        { path: one.file },
        'name them: --peak pre:7110:7116',
      );
    const fit = fitOrFault(() => fitPreEdge(spectrum, windows, preEdgeFrame(spectrum, windows)), one.file);
    if (!fit.describes)
      console.error(`${spectrum.label}: no model describes this spectrum, so no peaks are given`);
    if (flags.out) {
      const { energy_eV, data, baseline, fit: curve, components } = fit.curves;
      const parts = Object.fromEntries(components.map(({ name, values }) => [`peak_${name}`, values]));
      await writeCurves(join(flags.out, `${spectrum.label}_peaks.csv`), {
        energy_eV,
        data,
        fit: curve,
        baseline,
        ...parts,
      });
    }
    results.push({
      label: spectrum.label,
      model: fit.model,
      reduced_chi2: fit.reducedChi2,
      peaks: fit.peaks,
      absent: fit.absent.map(({ name, areaLimit95 }) => ({ name, area_limit95: areaLimit95 })),
    });
  }
  print(flags, results, () =>
    textTable(
      ['spectrum', 'peak', 'centre / eV', 'height', 'width / eV', 'area / eV'],
      results.flatMap((r) => [
        ...r.peaks.map((p) => [
          r.label,
          p.name,
          plusMinus(p.center_eV),
          plusMinus(p.height),
          plusMinus(p.fwhm_eV),
          plusMinus(p.area),
        ]),
        ...r.absent.map((p) => [r.label, p.name, '–', '–', '–', `< ${p.area_limit95.toPrecision(2)} (95 %)`]),
      ]),
    ),
  );
}

interface PeakRow {
  label: string;
  model: string;
  reduced_chi2: number;
  peaks: FittedPeak[];
  absent: { name: string; area_limit95: number }[];
}

function windowOf(text: string): PeakWindow {
  const [name, from, to] = text.split(':');
  const from_eV = Number(from);
  const to_eV = Number(to);
  if (!name || !(from_eV < to_eV))
    throw new InputError(`'${text}' is no peak`, null, 'write --peak b:2823.9:2825.1');
  return { name, from_eV, to_eV, maxFwhm_eV: 2 * Math.max(1.5, to_eV - from_eV) };
}

function fitOrFault<T>(fit: () => T, path: string): T {
  try {
    return fit();
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new InputError(thrown.message, { path });
    throw thrown;
  }
}

export async function lcfOfFiles(files: string[], flags: LcfFlags): Promise<void> {
  const loaded = await loadSpectra(files, flags);
  if (loaded.length < 2)
    throw new InputError(
      'a combination needs standards',
      null,
      'give the spectrum first, then two or more standards',
    );
  const curves: Curve[] = [];
  for (const one of loaded) curves.push(await curveOf(one, flags));
  const [data, ...standards] = curves as [Curve, ...Curve[]];
  const range = await rangeOf(loaded[0]!, flags);
  const options = {
    from_eV: range[0],
    to_eV: range[1],
    sumToOne: flags.sumToOne,
    nonNegative: flags.nonNegative,
    ...(flags.sigma === undefined ? {} : { sigma: flags.sigma }),
  };
  const { printMixture, printCombinations, fitShifted } = await import('./xas-mixtures.js');
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
  if (flags.out)
    await writeCurves(join(flags.out, `${data.label}_lcf.csv`), {
      energy_eV: fit.energy_eV,
      data: fit.data,
      fit: fit.fit,
      ...Object.fromEntries(fit.labels.map((label, j) => [label, fit.components[j]!])),
    });
  printMixture(data.label, fit, range, flags);
}

const usesMu = ({ isNormalized }: LoadedSpectrum, { space }: LcfFlags): boolean =>
  space === 'mu' || (space === 'auto' && isNormalized);

async function curveOf(one: LoadedSpectrum, flags: LcfFlags): Promise<Curve> {
  const { spectrum } = one;
  if (usesMu(one, flags))
    return {
      label: spectrum.label,
      energy_eV: spectrum.energy_eV,
      values: spectrum.mu,
      sigma: spectrum.sigma,
    };
  const { spectrum: made } = await normalizeOne(one, flags);
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
  };
}

async function rangeOf(one: LoadedSpectrum, flags: LcfFlags): Promise<[number, number]> {
  if (flags.range[0] > 1000) return flags.range;
  const e0 = flags.e0 ?? e0Of(one.spectrum, one.file);
  return [e0 + flags.range[0], e0 + flags.range[1]];
}

function e0Of(spectrum: Spectrum, path: string): number {
  const main = edgeFeaturesOf(spectrum)?.main;
  if (!main) throw new InputError('no edge stands out from the noise', { path }, 'give --e0');
  return main.energy_eV.value;
}
