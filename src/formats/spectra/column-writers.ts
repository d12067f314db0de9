import type { ColumnRole } from '../../measurement.js';

/** A program that writes plain columns under a header of its own. */
interface Writer {
  format: string;
  /** What in the header gives it away. */
  sign: RegExp;
  /** A second sign, where one is not enough. */
  also?: RegExp;
  /** Columns whose names say nothing to others, as the beamline's description explains them. */
  roles?: Record<string, ColumnRole>;
}

/** In the order in which they are asked. */
const WRITERS: Writer[] = [
  { format: 'APS 10-BM (MRCAT)', sign: /^\s*MRCAT_XAFS.*\n.*\b10-?BM\b/u },
  { format: 'APS MRCAT', sign: /^\s*MRCAT_XAFS/u },
  { format: 'APS 13 (EPICS scan)', sign: /^;\s*Epics Scan|^;\s*PV list:/imu },
  { format: 'APS LabVIEW scan', sign: /^#\s*1-D Scan File created/imu },
  { format: 'APS 12-BM', sign: /^#C exafs_edge_energy/mu },
  {
    format: 'CLS HXMA',
    sign: /^#\s*CLS Data Acquisition/u,
    also: /BL1606-ID1:mcs0/u,
    // Channels of the scaler: 3 fluorescence, 4 to 6 the ion chambers in the order of the beam.
    roles: { Detector1: 'fluorescence', Detector2: 'i0', Detector3: 'itrans', Detector4: 'irefer' },
  },
  { format: 'CLS', sign: /^#\s*CLS Data Acquisition/mu },
  { format: 'ESRF BM08 (LISA)', sign: /^#\s*eBraggEnergy\b/mu },
  { format: 'SLS PHOENIX', sign: /^#\s*Energy_c1\b/mu },
  {
    format: 'SLS SuperXAS',
    sign: /\bSAI01-MEAN\b/u,
    roles: { posX: 'energy', 'SAI01-MEAN': 'i0', 'SAI02-MEAN': 'itrans', 'SAI03-MEAN': 'irefer' },
  },
  {
    format: 'PETRA III P65',
    sign: /PETRA III[^\n]*\bP6[45]\b/u,
    // Voltage-to-frequency converters of the three ion chambers and of the fluorescence diode.
    roles: { VFC01: 'i0', VFC02: 'itrans', VFC03: 'irefer', VFC04: 'fluorescence' },
  },
  {
    format: 'DESY fio',
    sign: /^%d[ \t]*$/mu,
    also: /^[ \t]*Col[ \t]+1[ \t]/mu,
    roles: { C1: 'i0', C2: 'itrans', C3: 'irefer' },
  },
  { format: 'Elettra XAFS', sign: /^Picoam I0 gain/mu },
  { format: 'NSLS-II ISS', sign: /Beamline:?\s*ISS\b/iu },
  { format: 'NSLS-II TES', sign: /\bTES\b|8-BM/u },
  { format: 'NSLS XDAC', sign: /\b(?:XDAC|NSLS_DAC) V/u },
  { format: 'NSLS EDC', sign: /^\s*NSLS\/\S+\s+EDC/u },
  { format: 'Diamond GDA', sign: /^#\s*Diamond Light Source/imu },
  { format: 'SLRI BL8', sign: /^#?\s*BL8: X-ray Absorption Spectroscopy/mu },
  { format: 'SLS', sign: /\b(?:Swiss Light Source|SLS|SuperXAS|PHOENIX)\b/u },
  { format: 'Larch column file', sign: /^#\s*(?:XDI.*)?Output from Larch|Larch Python/iu },
  { format: 'Athena column file', sign: /^#\s*(?:Demeter|Athena)\b/imu },
  { format: 'IFEFFIT column file', sign: /^#%?\s*(?:ifeffit|name:)/iu },
];

/** Signs stand near the top. */
const LOOKED_AT = 65_536;

/** The program that wrote columns under this header; null where none is known. */
export function writerOf(header: string): Writer | null {
  const top = header.slice(0, LOOKED_AT);
  return WRITERS.find(({ sign, also }) => sign.test(top) && (also?.test(top) ?? true)) ?? null;
}
