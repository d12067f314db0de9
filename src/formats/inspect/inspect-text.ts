import { InputError, messageOf } from '../../errors.js';
import { counted } from '../../words.js';
import { type InputFile, looksLikeText, textOf } from '../common/input.js';
import { structuresFromCif } from '../crystal/cif.js';
import { readExperiment } from '../experiment/experiment.js';
import { isSmak } from '../maps/map-text.js';
import { readCountsInRows } from '../patterns/counts-in-rows.js';
import { isGsas } from '../patterns/gsas.js';
import { readPositions } from '../patterns/positions.js';
import { readSignedScans } from '../spectra/spectrum-file.js';
import { imageFinding, textMapFinding } from './inspect-map.js';
import { describeSpectra } from './inspect-spectra.js';
import { inspectTable, patternFinding } from './inspect-table.js';
import { brief, type Finding, finding } from './inspection.js';

/** What a file that is not HDF5 is, by the signs it carries; nothing is guessed from plain numbers alone. */
export function inspectPlain(file: InputFile): Finding {
  const scans = readSignedScans(file);
  if (scans !== null) return describeSpectra(scans);
  const image = imageFinding(file);
  if (image !== null) return image;
  if (!looksLikeText(file.bytes))
    return { ...finding('binary', null, 'not recognised: binary data'), recognised: false };
  const text = textOf(file);
  return signedText(file, text) ?? inspectTable(file, text);
}

function signedText(file: InputFile, text: string): Finding | null {
  if (/\.ya?ml$/iu.test(file.name)) return inspectYaml(file, text);
  if (
    /^[ \t]*data_\S*/mu.test(text.slice(0, 50_000)) &&
    /^[ \t]*(?:_cell_|_symmetry|_space_group|loop_)/mu.test(text)
  )
    return inspectCif(file, text);
  if (isGsas(text)) return patternFinding(file, text, 'GSAS powder data');
  if (readCountsInRows(text)) return patternFinding(file, text, 'counts in rows (FullProf)');
  if (isSmak(text)) return textMapFinding(file, text);
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  if (/^"?file(?:name)?"?\s*[,;\t].*position/iu.test(first)) {
    const listed = readPositions(file.path);
    return finding(
      'positions',
      'positions of a line scan',
      `${counted(listed.length, 'position')} of a line scan`,
      [`from ${brief(listed[0]!.position_um)} to ${brief(listed.at(-1)!.position_um)} um`],
      { positions: listed.length },
    );
  }
  return null;
}

function inspectYaml(file: InputFile, text: string): Finding {
  if (!/^(?:diffraction|spectra|maps)\s*:/mu.test(text))
    return {
      ...finding('text', 'YAML', 'not recognised: YAML without diffraction, spectra or maps'),
      recognised: false,
    };
  try {
    const { sample, diffraction, spectra, maps } = readExperiment(file.path);
    const counts = [
      counted(diffraction.length, 'line scan'),
      `${spectra.length} spectra`,
      counted(maps.length, 'map'),
    ];
    return finding(
      'experiment',
      'experiment file',
      `experiment '${sample}': ${counts.join(', ')}`,
      [
        ...diffraction.map(({ name }) => `line scan ${name}`),
        ...spectra.map(({ label, element, edge, role }) => `${role} ${label}, ${element} ${edge}`),
        ...maps.map(({ name, role }) => `${role} ${name}`),
      ],
      { sample, lineScans: diffraction.length, spectra: spectra.length, maps: maps.length },
    );
  } catch (error) {
    return finding('experiment', 'experiment file', 'experiment file with a fault', [], {}, [
      messageOf(error),
    ]);
  }
}

function inspectCif(file: InputFile, text: string): Finding {
  try {
    const found = structuresFromCif(text, file.path);
    const details = found.map(({ structure }) => {
      const { a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg } = structure.cell;
      const cell = [a_A, b_A, c_A, alpha_deg, beta_deg, gamma_deg].map(brief).join(' ');
      return `${structure.name}: ${structure.spaceGroup.symbol}, cell ${cell}, ${counted(structure.sites.length, 'site')}`;
    });
    return finding(
      'structure',
      'CIF',
      `${found.length === 1 ? 'one crystal structure' : `${found.length} crystal structures`}, CIF`,
      details,
      {
        structures: found.map(({ structure }) => ({
          name: structure.name,
          spaceGroup: structure.spaceGroup.symbol,
          cell: structure.cell,
          sites: structure.sites.length,
        })),
      },
      found.flatMap(({ warnings }) => warnings),
    );
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return {
      ...finding('structure', 'CIF', 'CIF without a structure that can be used', [], {}, [error.message]),
      recognised: false,
    };
  }
}
