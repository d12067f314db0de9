/**
 * The domain types that all floors share. Arrays are parallel and of equal length unless a comment says otherwise;
 * units stand in the names. A measurement is never changed in place: each step returns a new one.
 */

/** A number with its standard uncertainty (one sigma). */
export interface Measured {
  value: number;
  sigma: number;
}

/** A list whose items may be read from where they are stored, one at a time, instead of being held; an array is one. */
export interface Rows<T> extends Iterable<T> {
  readonly length: number;
  at(index: number): T | undefined;
}

// ---------------------------------------------------------------- spectra

export type ColumnRole =
  | 'energy'
  | 'angle'
  | 'i0'
  | 'itrans'
  | 'irefer'
  | 'fluorescence'
  | 'mutrans'
  | 'mufluor'
  | 'murefer'
  | 'norm'
  | 'other';

export interface Column {
  name: string;
  unit: string | null;
  role: ColumnRole;
  values: Float64Array;
  /** Standard uncertainty of the values, where they are counts that have been corrected. */
  sigma?: Float64Array;
}

/** One scan as its file holds it: columns with the roles that the header states or that were inferred. */
export interface SpectrumScan {
  title: string;
  format: string;
  element: string | null;
  edge: string | null;
  columns: Column[];
  /** Header fields as text, `Family.name` for XDI. */
  metadata: Record<string, string>;
  /** How the file or its header says mu is made, e.g. 'ln(itrans/irefer)'; null where it does not. */
  muHint: MuSource | null;
  /** What a reader had to assume or repair; shown to the user. */
  warnings: string[];
  /** Parameters stored by another program (an Athena project): already in our units, energies already shifted. */
  stored: Record<string, string>;
}

/** How absorption is formed from the columns. `column` is the name of a column that already holds mu. */
export type MuSource = 'transmission' | 'fluorescence' | 'reference' | { column: string };

/** Absorption against energy. `energy_eV` ascends strictly; `mu` is dimensionless and not normalised. */
export interface Spectrum {
  label: string;
  element: string;
  /** Absorption edge: K, L1, L2, L3, M5 … */
  edge: string;
  energy_eV: Float64Array;
  mu: Float64Array;
  /** Counting uncertainty of `mu` where raw counts allow it. */
  sigma: Float64Array | null;
  source: MuSource;
  /** mu of a simultaneously measured reference foil, on the same energies. */
  reference: Float64Array | null;
  /** Lattice spacing of the monochromator where the file states it, angstrom. */
  dSpacing_A?: number;
  /** Standard uncertainty of the energy axis where the file says that it has been calibrated, eV. */
  axisSigma_eV?: number;
  /** What another program stored with it (an Athena project), as in the scan. */
  stored?: Record<string, string>;
}

declare const calibrated: unique symbol;
declare const normalized: unique symbol;

/** A spectrum on the calibrated energy axis: `shift` (eV) has already been added to the energies. */
export type CalibratedSpectrum = Spectrum & { readonly [calibrated]: true; shift_eV: Measured };

/** A spectrum whose edge jump is one: pre-edge 0, post-edge 1. A raw mu cannot stand in for it. */
export interface NormalizedSpectrum {
  readonly [normalized]: true;
  label: string;
  element: string;
  edge: string;
  energy_eV: Float64Array;
  /** (mu - preEdge) / edgeStep. */
  norm: Float64Array;
  /** `norm` with the slope and curvature of the post-edge taken out above e0. */
  flat: Float64Array;
  /** Point-to-point uncertainty of `norm` (counting, or estimated from the residual noise of the data). */
  sigma: Float64Array;
  preEdge: Float64Array;
  postEdge: Float64Array;
  mu: Float64Array;
  e0_eV: Measured;
  edgeStep: Measured;
  shift_eV: Measured;
  /** The ranges and the profile that made it, as told to the user. */
  profile: string;
  ranges: { pre1_eV: number; pre2_eV: number; norm1_eV: number; norm2_eV: number; degree: number };
}

// ---------------------------------------------------------------- diffraction

/** One powder pattern. `twoTheta_deg` ascends strictly. */
export interface Pattern {
  label: string;
  twoTheta_deg: Float64Array;
  intensity: Float64Array;
  /** Standard uncertainty of each intensity; null where the file holds none (then counting statistics). */
  sigma: Float64Array | null;
}

/** Decides the Lorentz-polarisation factor: see science notes in docs/diffraction.md. It has no default. */
export type Integration = 'mean-per-pixel' | 'sum-over-ring' | 'lab';

/** What a line scan's patterns have in common. */
export interface LineScan {
  name: string;
  wavelength_A: number;
  integration: Integration;
  beam_um: number;
  positions_um: Float64Array;
  /** Row of a multi-row scan each pattern belongs to; all 0 for a single line. */
  rows: Int32Array;
  patterns: Pattern[];
  /** Built-in names or CIF contents, in the order of the experiment file. */
  phases: PhaseSource[];
  dopant: { element: string; into: string } | null;
}

/** All of a line scan but its patterns. */
export type ScanSettings = Omit<LineScan, 'patterns'>;

/** A line scan whose patterns need not be in memory: each is read when it is asked for. */
export type StreamedScan = ScanSettings & { patterns: Rows<Pattern> };

/** A phase by its built-in name, or by the text of a CIF that was read. */
export interface PhaseSource {
  name: string;
  cif: string | null;
}

// ---------------------------------------------------------------- maps

/** A regular grid: pixel (row, column) has its centre at (column * pixel.x, row * pixel.y) from the first pixel's. */
export interface Grid {
  ny: number;
  nx: number;
  pixel_um: { x: number; y: number };
}

/** One signal of an XRF map. `values` is row-major, ny * nx; NaN marks a pixel that was not measured. */
export interface ElementImage {
  element: string;
  values: Float64Array;
  /** Standard uncertainty of each pixel; null where unknown (then counting statistics). */
  sigma: Float64Array | null;
}

export interface ElementMap {
  name: string;
  grid: Grid;
  incidentEnergy_eV: number | null;
  images: ElementImage[];
}

/** Images at several energies: data[(energy * ny + row) * nx + column]. */
export interface EnergyStack {
  name: string;
  element: string;
  edge: string;
  grid: Grid;
  energies_eV: Float64Array;
  data: Float32Array | Float64Array;
}

/** A map of full spectra, which stay in their files: formats/maps/spectrum-blocks.ts reads rows of it. */
export interface SpectrumMap {
  name: string;
  grid: Grid;
  channels: number;
  /** energy_eV = offset + gain * channel. */
  calibration: { offset_eV: number; gain_eV: number } | null;
  /** Their names; counts of detectors are summed. */
  detectors: string[];
  /** As the file states it; absent where it does not. */
  incidentEnergy_eV?: number;
  /** Beam intensity at each pixel over its median, by which element images are to be divided; NaN where there was no beam. */
  i0?: Float64Array;
  source: SpectrumSource;
  /** Pixel (row * nx + column) of every point in the order of the file; null where the order is that of the grid. */
  place: Int32Array | null;
  /** Per detector, what the counts of every point are to be multiplied by; null where dead time is not known. */
  deadTimeFactors: Float64Array[] | null;
  /** Rows that are read together. */
  rowsPerBlock: number;
}

/** Meaning of an axis of a dataset of spectra; a list of points has no rows and columns of its own. */
export type AxisName = 'channel' | 'row' | 'column' | 'point';

/** HDF5 datasets, one a detector, or EDF files, one a row for each detector. */
export type SpectrumSource =
  | { kind: 'hdf5'; file: string; datasets: string[]; order: readonly AxisName[] }
  | { kind: 'edf'; rows: string[][] };
