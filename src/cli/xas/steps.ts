import { join } from 'node:path';
import { InputError } from '../../errors.js';
import type { CalibratedSpectrum, NormalizedSpectrum } from '../../measurement.js';
import type { ScaleErrors } from '../../xas/curve/curve-change.js';
import { derivative } from '../../xas/curve/grid.js';
import { edgeFeaturesOf } from '../../xas/edge/analyse-edge.js';
import type { EdgeFeatures } from '../../xas/edge/edge-features.js';
import type { NormalizationChoices } from '../../xas/normalize/larch-normalization.js';
import { normalizeSpectrum } from '../../xas/normalize/normalize.js';
import { plusMinus, textTable } from '../table.js';
import type { SpectrumFlags } from './flags.js';
import { type LoadedSpectrum, loadSpectra } from './load.js';
import { fileName, writeCurves } from './output.js';

export const print = (flags: SpectrumFlags, data: unknown, table: () => string): void =>
  console.log(flags.json ? JSON.stringify(data, finite, 2) : table());

/** JSON has no NaN: what could not be determined is null. */
const finite = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value;

export interface Normalized {
  spectrum: NormalizedSpectrum;
  features: EdgeFeatures;
  /** How uncertain the scale is; null for profiles that do not say. */
  scale: ScaleErrors | null;
}

/** What the flags say; in Athena's profile before that what its project stored. */
function choicesOf(flags: SpectrumFlags, stored: NormalizationChoices): NormalizationChoices {
  const given: NormalizationChoices = {
    e0_eV: flags.e0,
    pre1_eV: flags.pre?.[0],
    pre2_eV: flags.pre?.[1],
    norm1_eV: flags.post?.[0],
    norm2_eV: flags.post?.[1],
    degree: flags.degree,
    victoreen: flags.victoreen,
  };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return flags.profile === 'athena-0.9.26' ? { ...stored, ...said } : said;
}

export async function normalizeOne(
  { spectrum, file, stored }: LoadedSpectrum,
  flags: SpectrumFlags,
): Promise<Normalized> {
  const features = edgeFeaturesOf(spectrum)!;
  const calibrated = {
    ...spectrum,
    shift_eV: { value: flags.energyShift ?? 0, sigma: spectrum.axisSigma_eV ?? 0 },
  } as CalibratedSpectrum;
  const told = (warning: string): void => console.error(`${spectrum.label}: ${warning}`);
  try {
    const outcome = normalizeSpectrum(calibrated, features, flags.profile, choicesOf(flags, stored));
    outcome.warnings.forEach(told);
    let made = outcome.spectrum;
    const { applyMback, applyOverAbsorption } = await import('./corrections.js');
    if (flags.mback) made = applyMback(made);
    if (flags.overAbsorption)
      made = applyOverAbsorption(made, flags.overAbsorption, flags.angles ?? [45, 45], told);
    return { spectrum: made, features, scale: outcome.scale };
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
  if (flags.out) {
    for (const { spectrum: s } of made)
      await writeCurves(join(flags.out, `${fileName(s.label)}.csv`), {
        energy_eV: s.energy_eV,
        mu: s.mu,
        norm: s.norm,
        flat: s.flat,
        sigma: s.sigma,
        pre_edge: s.preEdge,
        post_edge: s.postEdge,
        derivative_per_eV: derivative(s.energy_eV, s.norm),
      });
    await (await import('./figures.js')).drawStep(flags.out, 'spectra', made);
  }
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
