#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { batchCommand, batchTaskCommand } from './batch.js';
import { convertCommand } from './convert.js';
import { exitWith } from './exit.js';
import { figuresCommand } from './figures.js';
import { initCommand } from './init.js';
import { inspectCommand } from './inspect.js';
import { reportCommand } from './report.js';
import { runCommand } from './run.js';
import { simulateCommand } from './simulate.js';
import { xasCommand } from './xas/xas.js';
import { xrdCommand } from './xrd/xrd.js';
import { xrfCommand } from './xrf/xrf.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const program = new Command('interphase')
  .description(
    'From uXRD line scans, XANES spectra and XRF maps to the composition and\n' +
      'the boundaries of a battery interphase, with honest error bars.',
  )
  .version(version)
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    `
Examples:
  interphase simulate kim2024 --out demo      raw files as the beamlines write them, with the truth beside them
  interphase run demo                         the whole analysis; ends by naming the report
  interphase inspect scan_001.xye foil.xdi    what is in these files
  interphase xas calibrate foil.xdi           one step on loose files

Every command has its own help: interphase run --help`,
  );

for (const command of [
  runCommand(),
  batchCommand(),
  simulateCommand(),
  inspectCommand(),
  initCommand(),
  figuresCommand(),
  reportCommand(),
  convertCommand(),
  xasCommand(),
  xrdCommand(),
  xrfCommand(),
])
  program.addCommand(command);
program.addCommand(batchTaskCommand(), { hidden: true });

/** Commander's own errors must reach us from every depth: a wrong option is 'nothing done', exit 2, in one line with a cure. */
function speakAsWeDo(command: Command, path: string): void {
  command.exitOverride();
  command.configureOutput({
    outputError: (text, write) => {
      const fault = text
        .trim()
        .replace(/^error: /, '')
        .replace(/\s*\n\s*/g, ' ');
      write(`interphase: ${fault} (see ${path} --help)\n`);
    },
  });
  for (const inner of command.commands) speakAsWeDo(inner, `${path} ${inner.name()}`);
}
speakAsWeDo(program, 'interphase');

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader (head, less) has gone
  throw error;
});

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2;
  else exitWith(thrown);
}
