import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { simulateCommand } from '../../src/cli/simulate.js';
import { folderWith } from '../support/folder.js';

const simulate = (...args: string[]) =>
  simulateCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parseAsync(args, { from: 'user' });

it('simulates into the folder that is named, and nothing where the request cannot be used', async () => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  const hint = vi.spyOn(console, 'error').mockImplementation(() => {});
  const out = join(folderWith({}), 'scan');
  await simulate('kim2024', '--out', out, '--set', 'parts=uxrd', '--set', 'patterns=2');
  expect(existsSync(join(out, 'uxrd/scan_0002.xye'))).toBe(true);
  expect(print.mock.calls.flat().join()).toContain('4 files');
  expect(hint.mock.calls.flat().join()).toContain(`interphase run ${out}`);

  const other = join(folderWith({}), 'none');
  await expect(simulate('kim2025', '--out', other)).rejects.toThrow('known is kim2024');
  await expect(simulate('kim2024', '--out', other, '--set', 'edgess=1')).rejects.toThrow(
    "did you mean 'edges'?",
  );
  await expect(simulate('kim2024', '--out', other, '--seed', '-1')).rejects.toThrow('whole number');
  await expect(
    simulate('kim2024', '--out', other, '--set', 'parts=uxrd', '--set', 'two-theta=45,11,0.02'),
  ).rejects.toThrow('write first, last and step');
  expect(existsSync(other)).toBe(false);

  print.mockClear();
  await simulate('kim2024', '--list');
  expect(print.mock.calls.flat().join()).toContain('map.thickness=-1');
  vi.restoreAllMocks();
});
