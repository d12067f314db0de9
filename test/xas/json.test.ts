import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { interphase } from '../support/cli.js';

const file = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/kim2024/xas/Cl_${name}.xdi.gz`, import.meta.url));
const page = readFileSync(new URL('../../docs/xas-json.md', import.meta.url), 'utf8');

/** All keys that a row of the page tells. */
const told = (step: string): Set<string> => {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${step}\` |`))!;
  return new Set([...row.matchAll(/`([a-z]\w*)`/gu)].map(([, key]) => key!));
};

const BELOW_NAMES = new Set(['weights', 'limits95', 'shifts_eV']);

/** The keys of a value and of what it holds, but names of spectra and the parts of measured values. */
function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null || 'sigma' in value) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    key,
    ...(BELOW_NAMES.has(key) ? [] : keysOf(inner)),
  ]);
}

describe('the JSON of interphase xas', () => {
  it.each([
    ['merge', [file('P5'), file('P4')]],
    ['clean', [file('P5')]],
    ['align', [file('P5'), file('P5')]],
    ['calibrate', [file('P5'), '--foil', file('KCl')]],
    ['normalize', [file('P5')]],
    ['peaks', [file('P3')]],
    ['lcf', [file('P5'), file('LYC'), file('InCl3')]],
    ['pca', ['P1', 'P2', 'P3', 'P4', 'P5', 'P6'].map(file)],
    ['mcr', ['P1', 'P2', 'P3', 'P4', 'P5'].map(file)],
  ])('%s holds what the page tells, and no more', (step, args) => {
    const { status, stdout } = interphase(['xas', step, ...args, '--json']);
    expect(status).toBe(0);
    const found = new Set(keysOf(JSON.parse(stdout)));
    expect([...found].filter((key) => !told(step).has(key))).toEqual([]);
  });
});
