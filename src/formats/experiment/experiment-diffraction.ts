import type { DiffractionEntry } from '../../experiment.js';
import type { Integration } from '../../measurement.js';
import { builtInPhaseNames, findBuiltInPhase } from '../../xrd/crystal/built-in-phases.js';
import { fileInside, filesMatching } from '../common/file-pattern.js';
import { plainName, readHead, stemOf } from '../common/input.js';
import { suggestion } from '../common/nearest.js';
import { nameOf, needElement } from './experiment-names.js';
import type { Section } from './yaml-section.js';

const INTEGRATIONS: readonly Integration[] = ['mean-per-pixel', 'sum-over-ring', 'lab'];

export function readDiffractionEntry(entry: Section, folder: string): DiffractionEntry {
  const source = sourceOf(entry, folder);
  const name = nameOf(entry, 'name', defaultName(source));
  const wavelength_A = wavelengthOf(entry);
  const integration = integrationOf(entry);
  const positions = positionsOf(entry, folder);
  if (positions === null && 'files' in source && source.files.length > 1) {
    throw entry.fault(
      null,
      "'positions' are missing",
      'write positions: { start: 0 um, step: 2 um }, or the name of a CSV file with the columns file,position_um',
    );
  }
  const phases = phasesOf(entry, folder);
  const read: DiffractionEntry = {
    name,
    source,
    wavelength_A,
    integration,
    beam_um: positiveLength(entry, 'beam'),
    positions,
    phases,
    dopant: dopantOf(entry, phases),
    line: entry.line,
  };
  entry.done();
  return read;
}

const defaultName = (source: DiffractionEntry['source']): string =>
  'file' in source
    ? stemOf(source.file)
    : stemOf(source.files[0]!).replace(/[-_.\s]*\d+$/u, '') || 'line-scan';

/** HDF5 begins with this signature at 0 or, behind a user block, at 512, 1024 …; here the first is enough to choose. */
const isHdf5 = (path: string): boolean => {
  const head = readHead(path, 4096);
  return [0, 512, 1024, 2048].some(
    (at) => String.fromCharCode(...head.subarray(at, at + 8)) === '\x89HDF\r\n\x1a\n',
  );
};

function sourceOf(entry: Section, folder: string): DiffractionEntry['source'] {
  const patterns = entry.texts('files');
  const single = entry.text('file');
  const data = entry.text('data');
  if (patterns !== null && single !== null)
    throw entry.fault('file', "'file' and 'files' exclude each other");
  if (single !== null) {
    const file = fileInside(folder, single, entry.place('file'));
    if (isHdf5(file)) return { file, data };
    if (data !== null)
      throw entry.fault('data', `'${single}' is not an HDF5 file, so it has no dataset paths`);
    return { files: [file] };
  }
  if (patterns === null)
    throw entry.fault(
      null,
      "'files' is missing",
      'write files: folder/*.xye, or file: scan.h5 with data: /entry/uxrd',
    );
  const found = patterns.flatMap((pattern) => filesMatching(folder, pattern, entry.place('files')));
  const twice = found.find((path, index) => found.indexOf(path, index + 1) !== -1);
  if (found.length < 5000 && twice !== undefined)
    throw entry.fault('files', `'${plainName(twice)}' is listed twice`);
  if (found.length === 0) throw entry.fault('files', 'the list is empty');
  if (found.length === 1 && isHdf5(found[0]!)) return { file: found[0]!, data };
  if (data !== null) throw entry.fault('data', "goes with 'file', not with 'files'", 'write file: scan.h5');
  return { files: found };
}

function wavelengthOf(entry: Section): number {
  const value = entry.quantity('wavelength', 'wavelength');
  if (value === null)
    throw entry.fault(null, "'wavelength' is missing", 'write wavelength: 1.2398 angstrom (or 10 keV)');
  if (value < 0.05 || value > 25) {
    throw entry.fault(
      'wavelength',
      `${Number(value.toPrecision(5))} angstrom is not a wavelength used for diffraction`,
      'expected 0.05 to 25 angstrom',
    );
  }
  return value;
}

function integrationOf(entry: Section): Integration {
  const integration = entry.choice('integration', INTEGRATIONS);
  if (integration === null) {
    throw entry.fault(
      null,
      "'integration' is missing: it decides the Lorentz-polarisation factor and has no default",
      'write integration: mean-per-pixel (pyFAI and most azimuthal averages), sum-over-ring, or lab',
    );
  }
  return integration;
}

function positionsOf(entry: Section, folder: string): DiffractionEntry['positions'] {
  if (!entry.has('positions')) return null;
  if (!entry.isSection('positions')) {
    const path = entry.text('positions')!;
    return { file: fileInside(folder, path, entry.place('positions')) };
  }
  const section = entry.section('positions')!;
  const start_um = section.quantity('start', 'length') ?? 0;
  const step_um = section.quantity('step', 'length');
  if (step_um === null)
    throw section.fault(null, "'step' is missing", 'write positions: { start: 0 um, step: 2 um }');
  if (step_um === 0) throw section.fault('step', 'is zero: all patterns would lie on one point');
  section.done();
  return { start_um, step_um };
}

export function positiveLength(entry: Section, key: string): number | null {
  const value = entry.quantity(key, 'length');
  if (value !== null && value <= 0) throw entry.fault(key, 'must be larger than zero');
  return value;
}

function phasesOf(entry: Section, folder: string): DiffractionEntry['phases'] {
  const phases = (entry.texts('phases') ?? []).map((phase) => {
    if (!/\.cif(\.gz)?$/iu.test(phase)) {
      if (!findBuiltInPhase(phase))
        throw entry.fault(
          'phases',
          `'${phase.slice(0, 60)}' is no built-in phase`,
          `${suggestion(phase, builtInPhaseNames())} A CIF file may be named instead`,
        );
      return { name: phase };
    }
    return { name: stemOf(phase), cifFile: fileInside(folder, phase, entry.place('phases')) };
  });
  const twice = phases.find(({ name }, index) => phases.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw entry.fault('phases', `'${twice.name}' is listed twice`);
  return phases;
}

function dopantOf(entry: Section, phases: DiffractionEntry['phases']): DiffractionEntry['dopant'] {
  const section = entry.section('dopant');
  if (section === null) return null;
  const element = needElement(
    section,
    'element',
    section.needText('element', 'write dopant: { element: In, into: Li3YCl6 }'),
  );
  const into = section.needText('into', 'write dopant: { element: In, into: Li3YCl6 }');
  section.done();
  const names = phases.map(({ name }) => name);
  if (names.length > 0 && !names.includes(into))
    throw section.fault('into', `'${into}' is not among the phases`, suggestion(into, names));
  return { element, into };
}
