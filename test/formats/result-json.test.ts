import { describe, expect, it } from 'vitest';
import { finiteOnly, parseResultJson, toResultJson } from '../../src/formats/results/result-json.js';
import { emptyBundle, fullBundle } from '../support/bundle.js';

describe('result.json', () => {
  it('reads back what was written', () => {
    const { result } = fullBundle({ patterns: 3, pointsPerPattern: 10 });
    expect(parseResultJson(toResultJson(result), 'result.json')).toEqual(result);
  });

  it('never holds a made-up number: what is not finite becomes null, a measured value as a whole', () => {
    expect(
      finiteOnly({
        x: { value: Number.NaN, sigma: 0.1 },
        y: { value: 1, sigma: Number.POSITIVE_INFINITY },
        z: [Number.NaN, 2],
      }),
    ).toEqual({ x: null, y: { value: 1, sigma: null }, z: [null, 2] });
  });

  it('has the keys of the contract in order', () => {
    const keys = Object.keys(JSON.parse(toResultJson(emptyBundle().result)) as object);
    expect(keys).toEqual([
      'schema',
      'sample',
      'status',
      'problems',
      'lineScans',
      'spectra',
      'maps',
      'figures',
    ]);
  });

  it.each([
    ['{', 'is not valid JSON'],
    ['[]', 'is not a result of Interphase'],
    ['null', 'is not a result of Interphase'],
    ['{"schema":"other/2"}', 'has the schema "other/2"'],
    ['{"schema":"interphase-result/1"}', 'lacks the list problems'],
  ])('refuses %s', (text, message) => {
    expect(() => parseResultJson(text, 'dir/result.json')).toThrow(`dir/result.json: ${message}`);
  });
});
