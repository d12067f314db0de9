import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { openInput } from '../../src/formats/common/input.js';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { readXdi } from '../../src/formats/spectra/xdi.js';
import { formatXdi } from '../../src/formats/spectra/xdi-write.js';
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
    ['an unknown comment sign', [/# Element.edge.*/u, '! Element.edge: K'], /line 6 .* '!' and is ignored/u],
    ['a missing value of a Roman edge', [/edge: K/u, 'edge: LX'], /'LX' is not an edge/u],
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
    ['NaN in the table', [/-1\.2/u, 'nan'], /:15: 'nan' is not a number .*leave the row out/u],
    ['no table', [/ 87.*\n/gu, ''], /no table/u],
  ] as [string, [RegExp, string], RegExp][])('refuses %s', (_name, [from, to], message) => {
    expect(() => parse(GOOD.replace(from, to))).toThrow(message);
    expect(() => parse(GOOD.replace(from, to))).toThrow(InputError);
  });

  it('keeps fields, comments and numbers when written', () => {
    const scan = parse(GOOD.replace('# Sample.name: copper', '# Sample.name: copper\n# GSE.EXTRA: config 1'));
    const again = parse(formatXdi(scan).text);
    expect(again.warnings).toEqual([]);
    expect(again.metadata.comments).toBe(' two lines\nof comment');
    expect(again.metadata).toMatchObject({ 'GSE.EXTRA': 'config 1', 'Mono.d_spacing': '3.13553' });
    expect(again.columns.map(({ name, unit, values }) => [name, unit, ...values])).toEqual(
      scan.columns.map(({ name, unit, values }) => [name, unit, ...values]),
    );
  });

  it('leaves out what XDI cannot hold, and says so', () => {
    const scan = parse(GOOD);
    const [energy, i0, mu] = scan.columns;
    const holes = Float64Array.of(Number.NaN, 2);
    const { text, leftOut } = formatXdi({
      ...scan,
      metadata: { comments: '--- first\n\n  second', 'GSE.a\nb': 'x', 'Sample.name': ' a\n# b ' },
      columns: [
        { ...i0!, name: 'Counter #1: sum', unit: 'cts || x' },
        energy!,
        { ...mu!, values: holes },
        { ...mu!, name: 'dead', values: holes.map(() => Number.NaN) },
      ],
    });
    expect(leftOut).toEqual([
      expect.stringMatching(/any value .*'dead'/u),
      expect.stringMatching(/^1 rows/u),
    ]);
    const again = parse(text);
    expect(again.columns.map(({ name }) => name)).toEqual(['energy', 'Counter__1__sum', 'mutrans']);
    expect(again.metadata).toMatchObject({ 'Sample.name': 'a # b', comments: '. --- first\n\n  second' });
    expect(parse(formatXdi(again).text).metadata).toEqual(again.metadata);
    expect(() =>
      formatXdi({ ...scan, columns: [energy!, { ...mu!, values: holes.fill(Number.NaN) }] }),
    ).not.toThrow();
    expect(() => formatXdi({ ...scan, columns: [{ ...mu!, values: holes }] })).toThrow(/no row/u);
  });

  it.each([
    ['Windows line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['line ends of the old Macintosh', (text: string) => text.replaceAll('\n', '\r')],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['tabs and blank lines in the table', (text: string) => text.replace(/ 87/gu, '\n\t87')],
    ['no comments', (text: string) => text.replace(/# \/{3}[\s\S]*(?=# ---)/u, '')],
    ['a long line of dashes', (text: string) => text.replace('# ---', `#${'-'.repeat(5000)}`)],
  ])('reads %s', (_name, change) => {
    const scan = parse(change(GOOD));
    expect(scan.warnings).toEqual([]);
    expect(scan.columns.map(({ name, unit, values }) => [name, unit, ...values])).toEqual([
      ['energy', 'eV', 8779, 8789],
      ['i0', null, 149013.7, 144864.7],
      ['mutrans', null, -1.3, -1.2],
    ]);
  });

  it('keeps units of several words, unicode and a version of many programs', () => {
    const text = GOOD.replace('energy eV', 'k inverse angstrom')
      .replace('copper', 'Kupfer µ-Röhre 銅')
      .replace('GSE/1.0', 'GSE/1.0 Athena')
      .replace('3.13553', '3.13553 Å');
    const scan = parse(text);
    expect([scan.columns[0]!.unit, scan.title]).toEqual(['inverse angstrom', 'Kupfer µ-Röhre 銅']);
    expect(parse(formatXdi(scan).text).metadata).toMatchObject({
      version: 'XDI/1.0 GSE/1.0 Athena Interphase/1.0',
      'Mono.d_spacing': '3.13553',
    });
  });

  it('refuses a file that is XDI but for its first line', async () => {
    const headless = folderWith({
      'a.xdi': GOOD.replace(/^.*\n/u, ''),
      'b.xdi': '#energy mu\n1000 2\n1001 3\n',
    });
    await expect(readSpectrumScans(join(headless, 'a.xdi'))).rejects.toThrow(/a\.xdi:1: .*'# XDI\/1\.0'/u);
    const [scan] = await readSpectrumScans(join(headless, 'b.xdi'));
    expect(scan!.warnings.join()).toMatch(/read as plain columns/u);
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
    const again = parse(formatXdi(scan).text);
    expect(again.columns.map(({ values }) => [...values])).toEqual(
      scan.columns.map(({ values }) => [...values]),
    );
    expect(again.muHint).toBe('reference');
    expect(readFileSync(path, 'utf8')).toContain('plot_hint');
  });
});
