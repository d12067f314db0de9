import { InputError, messageOf } from '../../errors.js';
import { readPattern } from '../../formats/patterns/pattern.js';
import { axialCellNotes } from '../../xrd/refine/axial-cell.js';
import { leBailFit } from '../../xrd/refine/le-bail.js';
import { refinePattern } from '../../xrd/refine/refine-pattern.js';
import { exitStatus } from '../exit.js';
import { checkEndings, type Refined, writeOutputs } from './refine-files.js';
import {
  preparePhase,
  type RefineFlags,
  readStructure,
  refineOptions,
  wavelengthsOf,
} from './refine-request.js';
import { asJson, oneReport, seriesTable } from './refine-tables.js';

export async function runXrdRefine(files: string[], flags: RefineFlags): Promise<void> {
  const wavelengths = wavelengthsOf(flags.wavelength);
  if (flags.phase.length === 0)
    throw new InputError(
      'no phase is named',
      null,
      "add --phase Li3YCl6 or --phase mine.cif; 'interphase xrd simulate --list' shows the names",
    );
  checkEndings(flags.out);
  const structures = flags.phase.map(readStructure);
  const options = refineOptions(flags, wavelengths);
  const refined: Refined[] = [];
  let failed = 0;
  for (const file of files) {
    try {
      const { pattern, warnings } = readPattern(file, wavelengths[0]!.lambda_A);
      for (const warning of warnings) console.error(`${file}: ${warning}`);
      const phases = structures.map((structure) => preparePhase(structure, pattern, wavelengths, flags));
      const fit = flags.leBail
        ? leBailFit(pattern, phases, options)
        : refinePattern(pattern, phases, options);
      if (!flags.leBail) fit.notes.push(...axialCellNotes(pattern, phases, options, fit));
      refined.push({ fit, phases });
    } catch (thrown) {
      if (files.length === 1 || !(thrown instanceof InputError)) throw thrown;
      console.error(`interphase: ${messageOf(thrown)}`);
      failed++;
    }
  }
  if (refined.length === 0) throw new InputError('none of the patterns could be refined');
  await writeOutputs(flags.out, refined, wavelengths[0]!.lambda_A);
  const fits = refined.map(({ fit }) => fit);
  if (flags.json) console.log(JSON.stringify(fits.map(asJson), null, 2));
  else console.log(fits.length === 1 ? oneReport(fits[0]!) : seriesTable(fits));
  if (failed > 0) process.exitCode = exitStatus.partial;
}
