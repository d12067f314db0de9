import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface CliOutcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the compiled command line as a user does, and returns what it said. */
export function interphase(
  args: string[],
  options: { cwd?: string; timeout_ms?: number; env?: NodeJS.ProcessEnv } = {},
): CliOutcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    cwd: options.cwd,
    env: options.env ?? process.env,
    timeout: options.timeout_ms ?? 120_000,
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}
