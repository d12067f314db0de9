import { Command } from 'commander';

export const initCommand = (): Command =>
  new Command('init')
    .description('look at the files of a folder and write an experiment.yaml to edit')
    .argument('<dir>', 'folder with patterns, spectra and maps of one experiment')
    .option('--force', 'replace an experiment.yaml that is already there')
    .option('--print', 'print it instead of writing it')
    .addHelpText(
      'after',
      `
Example:
  interphase init cell-42        writes cell-42/experiment.yaml; what only you can know is marked CHOOSE in it`,
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
      const choices = text.split('\n').filter((line) => line.includes('CHOOSE')).length;
      console.log(
        `${target}: ${found.patterns} patterns, ${found.spectra} spectra, ${found.maps} maps; ${choices} lines are marked CHOOSE`,
      );
      for (const file of found.leftOut.slice(0, 20)) console.error(`left out: ${file}`);
      if (found.leftOut.length > 20)
        console.error(`and ${found.leftOut.length - 20} more files are left out`);
    });
