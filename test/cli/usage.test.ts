import { describe, expect, it } from 'vitest';
import { interphase } from '../support/cli.js';

describe('a request that cannot be understood', () => {
  it.each([
    [['frobnicate'], /unknown command 'frobnicate' \(see interphase --help\)/],
    [['rnu'], /unknown command 'rnu' \(Did you mean run\?\)/],
    [['run'], /missing required argument 'experiment' \(see interphase run --help\)/],
    [['run', 'a', 'b'], /too many arguments/],
    [['run', '--jobs', '0', 'a'], /'--jobs <n>' argument '0' is invalid/],
    [['figures', 'a', '--format', 'jpg'], /Allowed choices are svg, png, pdf/],
    [['xrd', 'refine', '--wavelenght', '1'], /--wavelenght.*\(see interphase xrd refine --help\)/],
  ])('%j is answered by one line and status 2', (args, message) => {
    const { status, stdout, stderr } = interphase(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.startsWith('interphase: ')).toBe(true);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
