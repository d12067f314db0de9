import { Command } from 'commander';

/** `interphase xrf`: single steps on loose map files. */
export function xrfCommand(): Command {
  return new Command('xrf').description('single steps on maps');
}
