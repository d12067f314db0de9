import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { openInput } from '../../src/formats/common/input.js';
import { formatXdi, readXdi } from '../../src/formats/spectra/xdi.js';
import { folderWith } from '../support/folder.js';
import { describeReal, sharedData } from '../support/shared-data.js';

const parse = (text: string): ReturnType<typeof readXdi> =>
  readXdi(openInput(join(folderWith({ 'a.xdi': text }), 'a.xdi')));
const bad = (number: string): string => join(sharedData, `xas/xdi-bad/bad_${number}.xdi`);

describeReal('the conformance files of XDI', () => {
  it('reads every good file', () => {
    const folder = join(sharedData, 'xas/xdi-good');
    for (const name of readdirSync(folder)) {
      const scan = readXdi(openInput(join(folder, name)));
      expect(scan.columns[0]!.values.length, name).toBeGreaterThan(6);
      const expected = name.startsWith('nonxafs') ? /does not say the element/u : /^$/u;
      expect(scan.warnings.join(), name).toMatch(expected);
    }
  });

  it.each([
    ['02', /edge/u],
    ['04', /'Foo' is not an edge/u],
    ['06', /no line of dashes/u],
    ['12', /no Mono.d_spacing/u],
    ['28', /2001-Jun-26/u],
    ['30', /'Foo' is not an element.*'Bar' is not an edge/u],
    ['34', /missing units/u],
  ])('reads bad_%s with a warning', (number, warning) => {
    expect(readXdi(openInput(bad(number))).warnings.join()).toMatch(warning);
  });

  it.each(['00', '26', '32'])('reads bad_%s without a word', (number) => {
    expect(readXdi(openInput(bad(number))).warnings).toEqual([]);
  });

  it.each(['08', '10'])('calls the unnamed column of bad_%s col4', (number) => {
    const { columns } = readXdi(openInput(bad(number)));
    expect(columns.map(({ name }) => name)).toEqual(['energy', 'i0', 'itrans', 'col4']);
  });

  it.each([
    ['14', 36, /6 values/u],
    ['16', 30, /'STRING'/u],
    ['18', 8, /no value/u],
    ['20', 8, /not an XDI field/u],
    ['22', 8, /two dots/u],
    ['24', 8, /begins with a letter/u],
  ])('refuses bad_%s at line %i', (number, line, message) => {
    const read = (): unknown => readXdi(openInput(bad(number)));
    expect(read).toThrow(message);
    try {
      read();
    } catch (error) {
      expect((error as InputError).place?.line).toBe(line);
    }
  });
});

const GOOD = `# XDI/1.0 GSE/1.0
# Column.1: energy eV
# Column.2: i0
# Column.3: mutrans
# Element.symbol: Cu
# Element.edge: K
# Mono.d_spacing: 3.13553
# Sample.name: copper
# ///
#  two lines
# of comment
# ---
# energy i0 mutrans
 8779.0 149013.7 -1.3
 8789.0 144864.7 -1.2
`;

describe('XDI', () => {
  it.each([
    ['no symbol', [/# Element.symbol.*\n/u, ''], /element/u],
    ['odd symbol', [/symbol: Cu/u, 'symbol: Xx'], /'Xx' is not an element/u],
    ['no column fields', [/# Column.*\n/gu, ''], /line of labels names/u],
    ['a column too many', [/# Element.symbol/u, '# Column.4: ir\n# Element.symbol'], /column\.4 names/u],
    ['NaN in the table', [/-1\.2/u, 'nan'], /1 rows hold values that are not finite/u],
    ['d-spacing in words', [/3\.13553/u, 'three'], /'three' is not a positive/u],
    [
      'a month 26',
      [/# \/{3}/u, '# Scan.start_time: 2001-26-6T22:27:31\n# ///'],
      /'2001-26-6T22:27:31' is not a time/u,
    ],
    ['a current 101x ma', [/# \/{3}/u, '# Facility.current: 101x ma\n# ///'], /'101x ma' is not a number/u],
  ] as [string, [RegExp, string], RegExp][])('reads a file with %s', (_name, [from, to], warning) => {
    const scan = parse(GOOD.replace(from, to));
    expect(scan.warnings.join()).toMatch(warning);
    expect([...scan.columns[2]!.values].length).toBe(2);
  });

  it.each([
    ['a field without colon', [/# Element.edge: K/u, '# Element.edge K'], /no colon/u],
    ['a field without dot', [/# Element.edge/u, '# Elementedge'], /no dot/u],
    [
      'a row too short',
      [/ 8779.0 149013.7 -1.3/u, ' 8779.0 149013.7'],
      /3 values where the other rows have 2/u,
    ],
    ['a number with two dots', [/-1\.3/u, '-1.3.1'], /'-1.3.1' is not a number/u],
    ['an unknown comment sign', [/# Element.edge/u, '; Element.edge'], /is not a number/u],
    ['no table', [/ 87.*\n/gu, ''], /no table/u],
  ] as [string, [RegExp, string], RegExp][])('refuses %s', (_name, [from, to], message) => {
    expect(() => parse(GOOD.replace(from, to))).toThrow(message);
    expect(() => parse(GOOD.replace(from, to))).toThrow(InputError);
  });

  it('keeps fields, comments and numbers when written', () => {
    const scan = parse(GOOD.replace('# Sample.name: copper', '# Sample.name: copper\n# GSE.EXTRA: config 1'));
    const again = parse(formatXdi(scan));
    expect(again.warnings).toEqual([]);
    expect(again.metadata.comments).toBe(' two lines\nof comment');
    expect(again.metadata).toMatchObject({ 'GSE.EXTRA': 'config 1', 'Mono.d_spacing': '3.13553' });
    expect(again.columns.map(({ name, unit, values }) => [name, unit, ...values])).toEqual(
      scan.columns.map(({ name, unit, values }) => [name, unit, ...values]),
    );
  });

  it('reads fields of any case, the last of two winning', () => {
    const scan = parse(GOOD.replace('# ///', '# ELEMENT.SYMBOL: Fe\n# ///'));
    expect(scan.element).toBe('Fe');
  });
});

describeReal('writing a measured file', () => {
  it('keeps every value of the yttrium foil', () => {
    const path = join(sharedData, 'xas/y-k/Y-K-foil.xdi');
    const scan = readXdi(openInput(path));
    const again = parse(formatXdi(scan));
    expect(again.columns.map(({ values }) => [...values])).toEqual(
      scan.columns.map(({ values }) => [...values]),
    );
    expect(again.muHint).toBe('reference');
    expect(readFileSync(path, 'utf8')).toContain('plot_hint');
  });
});
