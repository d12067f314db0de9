import { execFileSync } from 'node:child_process';

/** The command line and the worker threads run the compiled program: build it once before the tests. */
export default function build(): void {
  if (process.env.INTERPHASE_SKIP_BUILD === '1') return;
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
