import type { MapArrays, MapComponentResult, MapResult } from '../result.js';
import type { LayerMeasurement } from '../xrf/layer/measure-layer.js';
import type { Segmentation } from '../xrf/regions/segment.js';
import type { StackAnalysis } from '../xrf/stack/stack-analysis.js';

/** From what the map functions give to the fields of result.json and the arrays behind the figures. */

/** Regions by the boundary lines where there are such, else by the mixture model. */
export const regionResult = (
  s: Segmentation,
  layer: LayerMeasurement | null | undefined,
): Pick<MapResult, 'regions'> => ({
  regions: (layer?.regions ?? s).regions.map(({ name, area_um2 }) => ({ name, area_um2 })),
});

export const regionArrays = (
  s: Segmentation,
  layer: LayerMeasurement | null | undefined,
): NonNullable<MapArrays['regions']> => {
  const { regions, labels, probability } = layer?.regions ?? s;
  return { classes: regions.map(({ name }) => name), labels, probability };
};

export function layerResult(layer: LayerMeasurement): Partial<MapResult> {
  const t = layer.thickness_um;
  return {
    boundaries: layer.boundaries.map((b) => ({
      name: b.name,
      axis: layer.axis,
      mean_um: b.mean_um,
      sigma_um: b.meanSigma_um,
      interval95_um: b.interval95_um,
      roughness_rms_um: b.roughness_um.value,
      roughness_sigma_um: b.roughness_um.sigma,
      correlation_length_um: b.correlationLength_um,
    })),
    aei_present: layer.aeiPresent,
    aei_delta_bic: layer.deltaBic,
    aei_thickness_um: t
      ? {
          mean: t.mean,
          sigma: t.sigma,
          interval95: t.interval95,
          median: t.median,
          p5: t.p5,
          p95: t.p95,
          sampling_sigma: Number.isFinite(t.samplingSigma) ? t.samplingSigma : null,
        }
      : null,
    blur_fwhm_um: layer.blurFwhm_um,
    intrusions: layer.intrusions.map(({ material, inside, x_um, y_um, area_um2, depth_um }) => ({
      material,
      inside,
      x_um,
      y_um,
      area_um2,
      depth_um,
    })),
  };
}

export function layerArrays(layer: LayerMeasurement): Pick<MapArrays, 'boundaries' | 'thickness_um'> {
  return {
    boundaries: layer.boundaries.map(({ name, x_um, y_um }) => ({ name, x_um, y_um })),
    thickness_um: layer.thickness_um?.local_um ?? null,
  };
}

export const stackResult = (a: StackAnalysis): MapComponentResult[] =>
  a.means.map((m, j) => ({
    name: m.name,
    mean: m.value,
    sigma: m.sigma,
    limit95: m.limit95,
    patches: (a.searches[j]?.patches ?? []).map(({ x_um, y_um, area_um2, mean }) => ({
      x_um,
      y_um,
      area_um2,
      mean,
    })),
    ...(a.searches[j] ? { detectable: a.searches[j].detectable } : {}),
  }));

export const stackArrays = (a: StackAnalysis): MapArrays['layers'] => [
  ...a.fractions.references.map((name, j) => ({
    name,
    unit: 'fraction',
    values: Float64Array.from(a.fractions.fraction[j]),
    sigma: Float64Array.from(a.fractions.sigma[j]),
  })),
  { name: 'edge step', unit: '', values: Float64Array.from(a.fractions.step), sigma: null },
  { name: 'residual over noise', unit: '', values: Float64Array.from(a.fractions.residual), sigma: null },
];
