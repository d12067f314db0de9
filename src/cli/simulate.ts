import { Command, InvalidArgumentError } from 'commander';

interface SimulateFlags {
  out: string;
  seed: number;
  set: string[];
  list?: boolean;
}

const collect = (value: string, previous: string[]): string[] => [...previous, value];

function seedNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('it takes a whole number from 0.');
  return value;
}

export const simulateCommand = (): Command =>
  new Command('simulate')
    .description('raw files as a beamline writes them, from a stated truth')
    .argument('[preset]', 'what to simulate: kim2024')
    .option('--out <dir>', 'folder to make', 'simulated')
    .option('--seed <n>', 'the same seed gives the same numbers', seedNumber, 1)
    .option('--set <key=value>', 'change a setting; may be given several times', collect, [])
    .option('--list', 'print all settings and their defaults, and simulate nothing')
    .addHelpText(
      'after',
      `
Examples:
  interphase simulate kim2024 --out demo --seed 7
  interphase simulate kim2024 --out thin --set x=0.1 --set edges=25,29 --set counts=300
  interphase simulate kim2024 --out none --set aei=false
  interphase simulate kim2024 --list

Writes the raw files, an experiment.yaml that describes them, and truth.json with what the analysis should find.`,
    )
    .action(async (preset: string | undefined, flags: SimulateFlags) => {
      const [{ simulateKim2024 }, { writeExperiment }, { settingsHelp }, { InputError }] = await Promise.all([
        import('../simulate/kim2024.js'),
        import('../simulate/write-experiment.js'),
        import('../simulate/settings.js'),
        import('../errors.js'),
      ]);
      if (preset !== 'kim2024' && !(preset === undefined && flags.list))
        throw new InputError(
          preset === undefined ? 'a preset is missing' : `there is no preset '${preset}'`,
          null,
          'known is kim2024',
        );
      if (flags.list) {
        console.log(settingsHelp());
        return;
      }
      const files = await writeExperiment(simulateKim2024(flags.set, flags.seed), flags.out);
      console.log(
        `${flags.out}: ${files.length} files, described by experiment.yaml; the truth is in truth.json`,
      );
      console.error(`next: interphase run ${flags.out}`);
    });
