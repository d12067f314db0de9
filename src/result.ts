/**
 * What a run finds, in two parts: the numbers of result.json (named as the contract names them),
 * and the arrays of result.nxs from which every figure is drawn.
 */
import type { Grid, Rows } from './measurement.js';

export interface ValueSigma {
  value: number;
  sigma: number;
}
export interface ValueInterval extends ValueSigma {
  interval95: [number, number];
}

export interface Problem {
  stage: string;
  input: string;
  severity: 'error' | 'warning';
  message: string;
}

export interface PatternResult {
  index: number;
  position_um: number;
  status: 'ok' | 'repaired' | 'excluded' | 'failed';
  reason: string | null;
  rwp_percent: number | null;
  gof: number | null;
  x: ValueSigma | null;
  phases: Record<string, { scale: number; sigma: number; weight_fraction: number }>;
}

export interface BoundaryResult {
  name: string;
  position_um: number;
  sigma_um: number;
  interval95_um: [number, number];
  width_um: number | null;
}

export interface HypothesisResult {
  name: 'in-on-6h' | 'in-on-6g' | 'in-on-y' | 'y-migration' | 'none';
  delta_bic: number | null;
  weight: number | null;
  amount: ValueSigma | null;
}

export interface LineScanResult {
  name: string;
  positions_um: number[];
  patterns: PatternResult[];
  aei: {
    present: boolean | null;
    delta_bic: number | null;
    x: ValueInterval | null;
    /** What the same lines mean if one lithium leaves for each dopant ion (x counts as many as its charge asks for). */
    x_one_lithium?: ValueInterval | null;
    thickness_um: ValueInterval | null;
  };
  boundaries: BoundaryResult[];
  estimators: Record<'line-scan' | 'pattern' | 'double-ratio', ValueSigma | null>;
  hypotheses: HypothesisResult[];
  /** Plain sentences: what the hypotheses do and do not say. */
  statements: string[];
}

export interface PeakResult {
  name: string;
  center_eV: ValueSigma;
  height: ValueSigma;
  fwhm_eV: ValueSigma;
  area: ValueSigma;
}

export interface SpectrumResult {
  label: string;
  edge: string;
  role: 'calibrant' | 'reference' | 'sample';
  /** Where on the map it was measured, if the experiment says so. */
  at?: { x_um: number; y_um: number } | null;
  e0_eV: ValueSigma | null;
  calibration_shift_eV: ValueSigma | null;
  edge_shift_eV: (ValueSigma & { relative_to: string }) | null;
  edge_step: number | null;
  /** All inflection points of the edge with their prominence (fraction of the highest derivative). */
  inflections: { energy_eV: ValueSigma; prominence: number }[];
  white_line_eV: ValueSigma | null;
  peaks: PeakResult[];
  lcf: {
    weights: Record<string, ValueSigma>;
    r_factor: number;
    reduced_chi2: number;
    /** One-sided 95 % upper limit of each weight: how much of it could hide. */
    limits95?: Record<string, number>;
    /** sum r^2 / sum (y - mean)^2, and sum |r| / sum |y|; `r_factor` is sum r^2 / sum y^2. */
    r_factor_about_mean?: number;
    r_factor_absolute?: number;
    aic?: number;
    bic?: number;
    range_eV?: [number, number];
  } | null;
  /** Which feature of the spectrum `e0_eV` is. */
  e0_feature?: string | null;
  /** Where the calibration comes from: a calibrant's label, 'own reference channel', or null for energies as measured. */
  calibrated_by?: string | null;
  /** How it was normalised: profile, ranges relative to e0, and the uncertainty of the edge step. */
  normalization?: { profile: string; ranges: string; edge_step_sigma: number | null } | null;
  /** Named peaks that the data do not ask for, with the 95 % limit of their area. */
  absent_peaks?: { name: string; area_limit95: number | null }[];
  /** Plain sentences about what was found. */
  statements?: string[];
}

/** Observables of spectra against the distance along a line, with the boundaries that they show. */
export interface SpectrumSeriesResult {
  edge: string;
  labels: string[];
  distance_um: number[];
  observables: { name: string; unit: string; values: (ValueSigma | null)[] }[];
  boundaries: BoundaryResult[];
  statements: string[];
}

export interface MapRegionResult {
  name: string;
  area_um2: number;
}

export interface MapBoundaryResult {
  name: string;
  axis: 'x' | 'y';
  mean_um: number;
  sigma_um: number | null;
  interval95_um?: [number, number];
  roughness_rms_um: number;
  roughness_sigma_um?: number;
  /** Lag along the layer at which the line's correlation has fallen to 1/e. */
  correlation_length_um?: number | null;
}

/** A body of one region's material beyond its boundary, such as a protrusion of the anode into the electrolyte. */
export interface MapIntrusionResult {
  material: string;
  inside: string;
  x_um: number;
  y_um: number;
  area_um2: number;
  depth_um: number;
}

export interface MapComponentResult {
  name: string;
  mean: number;
  sigma: number;
  limit95: number;
  patches: { x_um: number; y_um: number; area_um2: number; mean: ValueSigma }[];
  /** By side of a square patch: the fraction that would have been found with 95 % probability. */
  detectable?: { side_um: number; fraction: number }[];
}

/** A point of a spectrum placed on the map. */
export interface MapPointResult {
  label: string;
  x_um: number;
  y_um: number;
  /** Region under it; null outside the map. */
  region: string | null;
  probability: number | null;
  to_boundary_um: number | null;
}

/** Where a diffraction line scan lies on the map: positions count from the origin, at this angle from x towards y. */
export interface MapScanResult {
  name: string;
  origin_x_um: number;
  origin_y_um: number;
  angle_deg: number;
  /** What the boundaries of both methods leave over when laid on each other; null with one shared boundary. */
  mismatch_um: number | null;
  shared: string[];
}

export interface MapResult {
  name: string;
  points?: MapPointResult[];
  scans?: MapScanResult[];
  regions?: MapRegionResult[];
  boundaries?: MapBoundaryResult[];
  aei_present?: boolean | null;
  aei_thickness_um?: {
    mean: number;
    sigma: number;
    interval95: [number, number];
    median: number;
    p5: number;
    p95: number;
    /** Standard error of the mean as a sample of a longer layer, by block bootstrap along it. */
    sampling_sigma?: number | null;
  } | null;
  aei_delta_bic?: number | null;
  /** Full width at half maximum of the beam as the boundaries show it. */
  blur_fwhm_um?: ValueSigma;
  intrusions?: MapIntrusionResult[];
  components?: MapComponentResult[];
  /** For a full-spectrum map: what the detectors hold. */
  detectors?: { name: string; counts: number }[];
  elements?: { element: string; line: string; energy_eV: number; counts: ValueSigma }[];
  statements: string[];
}

export interface FigureEntry {
  id: string;
  title: string;
  files: string[];
}

export interface Result {
  schema: 'interphase-result/1';
  sample: string;
  /** How often the cell was cycled, if the experiment says so. */
  cycles?: number;
  status: 'ok' | 'partial';
  problems: Problem[];
  lineScans: LineScanResult[];
  spectra: SpectrumResult[];
  /** Spectra along the interface, one series per edge. */
  spectrumSeries?: SpectrumSeriesResult[];
  maps: MapResult[];
  figures: FigureEntry[];
}

// ---------------------------------------------------------------- arrays behind the figures

export interface PatternCurves {
  index: number;
  twoTheta_deg: Float64Array;
  observed: Float64Array;
  sigma: Float64Array;
  /** Empty where the pattern was not fitted. */
  calculated: Float64Array;
  background: Float64Array;
}

export interface LineScanCurves {
  name: string;
  wavelength_A: number;
  positions_um: Float64Array;
  /** Too many to be held at once, perhaps: walk through them. */
  patterns: Rows<PatternCurves>;
  /** Line positions of each phase, for tick marks. */
  ticks: { phase: string; twoTheta_deg: Float64Array; hkl: string[]; relativeIntensity: Float64Array }[];
  /** Per-position observables with the transition model through them: phase fractions, x, double ratios. */
  profiles: {
    name: string;
    unit: string;
    position_um: Float64Array;
    value: Float64Array;
    sigma: Float64Array;
    model: { position_um: Float64Array; value: Float64Array } | null;
  }[];
  /** Points and hypothesis predictions in the plane of the two double ratios. */
  ratioPlane: {
    measured: { x: ValueSigma; y: ValueSigma } | null;
    hypotheses: { name: string; x: number[]; y: number[]; amount: number[] }[];
    xName: string;
    yName: string;
  } | null;
}

export interface SpectrumCurves {
  label: string;
  edge: string;
  energy_eV: Float64Array;
  mu: Float64Array;
  norm: Float64Array;
  flat: Float64Array;
  sigma: Float64Array;
  preEdge: Float64Array;
  postEdge: Float64Array;
  derivative: Float64Array;
  peaks: {
    energy_eV: Float64Array;
    data: Float64Array;
    baseline: Float64Array;
    fit: Float64Array;
    components: { name: string; values: Float64Array }[];
  } | null;
  lcf: {
    energy_eV: Float64Array;
    data: Float64Array;
    fit: Float64Array;
    components: { name: string; values: Float64Array }[];
  } | null;
}

export interface MapArrays {
  name: string;
  grid: Grid;
  layers: { name: string; unit: string; values: Float64Array; sigma: Float64Array | null }[];
  regions: { classes: string[]; labels: Uint8Array; probability: Float64Array } | null;
  boundaries: { name: string; x_um: Float64Array; y_um: Float64Array }[];
  /** Elements along the diffraction line scans that were placed on the map. */
  profiles?: {
    scan: string;
    element: string;
    position_um: Float64Array;
    value: Float64Array;
    sigma: Float64Array;
  }[];
  /** Local thickness of the AEI along the layer. */
  thickness_um: Float64Array | null;
  sumSpectrum: {
    energy_eV: Float64Array;
    counts: Float64Array;
    fitted: Float64Array | null;
    lines: { label: string; energy_eV: number }[];
  } | null;
}

/** All that a run leaves behind, and all that figures and report may use. */
export interface ResultBundle {
  result: Result;
  lineScans: LineScanCurves[];
  spectra: SpectrumCurves[];
  maps: MapArrays[];
}
