import type { Integration, MuSource } from './measurement.js';

/** An experiment.yaml, checked and with its units resolved. Paths are absolute and inside the experiment's folder. */
export interface Experiment {
  path: string;
  sample: string;
  /** How often the cell was cycled, where the file says so: what a series of samples is drawn against. */
  cycles?: number;
  diffraction: DiffractionEntry[];
  spectra: SpectrumEntry[];
  maps: MapEntry[];
}

export interface DiffractionEntry {
  name: string;
  /** Pattern files in scan order, or one HDF5 file with the path of its NXdata. */
  source: { files: string[] } | { file: string; data: string | null };
  wavelength_A: number;
  integration: Integration;
  beam_um: number | null;
  positions: { start_um: number; step_um: number } | { file: string } | null;
  phases: ({ name: string } | { name: string; cifFile: string })[];
  dopant: { element: string; into: string } | null;
  /** Line of the entry in the YAML file, for messages. */
  line: number;
}

export type CalibrationFeature =
  | 'main-inflection'
  | 'pre-edge-inflection'
  | 'half-step'
  | 'white-line'
  | 'second-derivative-zero';

export interface SpectrumEntry {
  /** The file, or the first of the repeated scans. */
  file: string;
  /** Name of the group inside a file that holds several spectra (an Athena project), or NXdata path. */
  group: string | null;
  /** Every scan of this spectrum: one, or repeated ones that are merged. */
  scans: { file: string; group: string | null }[];
  /** What is cut off or left out before anything is computed. */
  clean: { from_eV: number | null; to_eV: number | null; drop_eV: number[] };
  label: string;
  element: string;
  edge: string;
  role: 'calibrant' | 'reference' | 'sample';
  e0_eV: number | null;
  feature: CalibrationFeature | null;
  at: { x_um: number; y_um: number } | null;
  /** Column numbers from 1; fluorescence may have several, which are summed. */
  columns: (Partial<Record<'energy' | 'i0' | 'it' | 'ir' | 'mu', number>> & { if?: number[] }) | null;
  mu: MuSource | null;
  /** Of a counting detector, whose fluorescence counts are then corrected: dead time of a pulse, and counting time of a point. */
  detector?: { deadTime_s: number; dwell_s: number | null };
  line: number;
}

/** Faults of a scan that can be found in element maps, and corrected. */
export const mapFaults = ['outliers', 'stripes', 'row-shifts', 'offsets'] as const;
export type MapFault = (typeof mapFaults)[number];

export interface MapEntry {
  name: string;
  role: 'xrf' | 'energy-stack';
  source: { file: string; data: string | null } | { files: Record<string, string> } | { rows: string[] };
  /** Name of the monitor in the file by which the map is divided. */
  i0?: string;
  /** Faults of the scan that are to be corrected; without it they are looked for and told. */
  clean?: readonly MapFault[];
  incidentEnergy_eV: number | null;
  pixel_um: { x: number; y: number } | null;
  elements: string[] | null;
  element: string | null;
  edge: string | null;
  /** Labels of the experiment's spectra that serve as references of an energy stack. */
  references: string[];
  line: number;
}
