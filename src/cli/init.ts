import { Command } from 'commander';
import { counted } from '../words.js';

export const initCommand = (): Command =>
  new Command('init')
    .description('look at the files of a folder and write an experiment.yaml to edit')
    .argument('<dir>', 'folder with patterns, spectra and maps of one experiment')
    .option('--force', 'replace an experiment.yaml that is already there')
    .option('--print', 'print it instead of writing it')
    .addHelpText(
      'after',
      `
Examples:
  interphase init cell-42            writes cell-42/experiment.yaml to edit
  interphase init cell-42 --print    shows it

What only you can know is marked CHOOSE, what was guessed is marked CHECK. Files that differ only in a number set apart from
their names (P5_001.xdi, P5_002.xdi; foil.001, foil.002) are drafted as repeated scans of one spectrum where their headers
agree; foils as calibrants; standards, and compounds called by their formulas, as references.`,
    )
    .action(async (dir: string, { force, print }: { force?: boolean; print?: boolean }) => {
      const [{ existsSync }, { join }, { draftExperiment }, { writeFileAtomic }, { InputError }] =
        await Promise.all([
          import('node:fs'),
          import('node:path'),
          import('../formats/draft-experiment.js'),
          import('../formats/common/atomic.js'),
          import('../errors.js'),
        ]);
      const target = join(dir, 'experiment.yaml');
      if (existsSync(target) && !force && !print) {
        throw new InputError(
          'is already there',
          { path: target },
          'add --force to replace it, or --print to see a draft',
        );
      }
      const { text, found } = await draftExperiment(dir);
      if (print) {
        process.stdout.write(text);
        return;
      }
      await writeFileAtomic(target, text);
      const choices = text.split('\n').filter((line) => /^[^#].*CHOOSE/u.test(line)).length;
      console.log(
        `${target}: ${counted(found.patterns, 'pattern')}, ${counted(found.spectra, 'spectrum')}, ${counted(found.maps, 'map')}; ${counted(choices, 'line')} to fill in, marked CHOOSE`,
      );
      for (const file of found.leftOut.slice(0, 20)) console.error(`left out: ${file}`);
      if (found.leftOut.length > 20)
        console.error(`and ${found.leftOut.length - 20} more files are left out`);
    });
