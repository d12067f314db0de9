import { Command } from 'commander';

export const inspectCommand = (): Command =>
  new Command('inspect')
    .description('say what files are and hold, as the readers see them')
    .argument('<file...>', 'spectra, patterns, maps, structures, experiment files; also gzipped')
    .option('--json', 'print an array with one object per file')
    .addHelpText(
      'after',
      `
Examples:
  interphase inspect foil.xdi scan_001.xye.gz xrf.h5
  interphase inspect --json *.dat

Exit status: 0 all files are known; 1 some are not; 2 none is.`,
    )
    .action(async (files: string[], { json }: { json?: boolean }) => {
      const [{ inspectFile }, { inspectionText }, { exitStatus }] = await Promise.all([
        import('../formats/inspect/inspect.js'),
        import('./inspect-text.js'),
        import('./exit.js'),
      ]);
      const found = [];
      for (const file of files) found.push(await inspectFile(file));
      console.log(json ? JSON.stringify(found, null, 2) : found.map(inspectionText).join('\n\n'));
      const unknown = found.filter(({ recognised }) => !recognised);
      for (const { file, summary } of unknown) console.error(`interphase: ${file}: ${summary}`);
      if (unknown.length > 0)
        process.exitCode = unknown.length === found.length ? exitStatus.nothing : exitStatus.partial;
    });
