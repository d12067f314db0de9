import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { inspectFile } from '../../src/formats/inspect/inspect.js';
import { guessEdge } from '../../src/formats/spectra/guess-edge.js';
import { readSpectrumScans } from '../../src/formats/spectra/spectrum-file.js';
import { spectrumFromScan } from '../../src/formats/spectra/spectrum-from-scan.js';
import { formatXdi } from '../../src/formats/spectra/xdi-write.js';
import { folderWith } from '../support/folder.js';
import { randomStream } from '../support/random-bytes.js';

const energies = Array.from({ length: 80 }, (_, i) => 8800 + 5 * i);
const mu = (e: number): number => 0.3 + 0.5 + Math.atan((e - 8984) / 2) / Math.PI;
const rows = (row: (e: number) => (number | string)[], separator = ' '): string =>
  energies.map((e) => row(e).join(separator)).join('\n');
const list = (values: number[]): string => values.map((value) => `'${value}'`).join(',');
const angle = (e: number): string => ((Math.asin(12398.4198 / (2 * 3.1356 * e)) * 180) / Math.PI).toFixed(5);

/** One small file of each kind of text. */
const SAMPLES: Record<string, string> = {
  'a.xdi': `# XDI/1.0 GSE/1.0\n# Column.1: energy eV\n# Column.2: i0\n# Column.3: itrans\n# Element.symbol: Cu\n# Element.edge: K\n# ///\n# foil\n# ---\n# energy i0 itrans\n${rows((e) => [e, 1000, 1000 * Math.exp(-mu(e))])}\n`,
  'a.prj': `# Athena project file -- Demeter version 0.9.26\n\n$old_group = 'a';\n@args = ('label','x','bkg_eshift','0.5','bkg_e0','8984','bkg_z','Cu','fft_edge','k','bkg_nnorm','3');\n@x = (${list(energies)});\n@y = (${list(energies.map(mu))});\n[record]\n\n1;\n`,
  'json.prj': JSON.stringify({
    _____header1: '# Athena project file -- Demeter version 0.9.26',
    a: { args: { label: 'x', bkg_z: 'Cu', fft_edge: 'k' }, x: energies.map(String), y: energies.map(mu) },
  }),
  'spec.dat': `#F a\n#S 1 ascan energy\n#D now\n#N 3\n#L energy  I0  It\n${rows((e) => [e, 9, 9 * Math.exp(-mu(e))])}\n\n#S 2 ascan\n#L energy  I0\n1 2\n`,
  'ssrl.dat': `SSRL -   EXAFS Data Collector 1.2\nnow\nPTS:    80 COLS:     3\nx\nx\nx\nx\ntitle\nData:\nAchieved Energy\nI0\nI1\n${rows((e) => [e, 9, 9 * Math.exp(-mu(e))])}\n`,
  'kek.dat': `  9809     KEK-PF  BL12C\ntest\n Mono :   SI(111)     D=  3.1356 A   Initial angle= 12.0 deg\n Angle(c)  Angle(o)     time         2         3\n      Mode         0         0         1         2\n    Offset         0         0     0     0\n${rows((e) => [angle(e), angle(e), 1, 1000, 1000 * Math.exp(-mu(e))])}\n`,
  'lytle.dat': `  NPTS  NS CUEDGE  CUHITE   DSPACE  STPDEG  STEPMM\n    80   4  84294. 200000. 3.1356   4000.   3150.\n 5% CU\n${rows((e) => [(4000 * Number(angle(e))).toFixed(1), 1000, 1000 * Math.exp(-mu(e))])}\n`,
  'table.csv': `energy (keV),i0,it\n${rows((e) => [e / 1000, 9, 9 * Math.exp(-mu(e))], ',')}\n`,
  'fdmnes.txt': ` 8979.0 29 1 1 = E_edge, Z, n_edge, j_edge\n Energy <xanes>\n${rows((e) => [e - 8979, mu(e)])}\n`,
  'bare.dat': rows((e) => [e, 7, 1000, 1000 * Math.exp(-mu(e)), mu(e)]),
};

const TOKENS =
  'NaN inf 1e400 -1e309 0x10 1,5 -- # \' " ( ) [ ] { } \\ , = : ; \0 \x1a é @x=( 99999999999999 # Column.99999999: ///'.split(
    ' ',
  );

/** A few cuts, changed bytes, strange words, doubled or missing lines. */
function damage(text: string, random: (below: number) => number): string {
  let out = text;
  for (let left = 1 + random(3); left > 0 && out !== ''; left--) {
    const at = random(out.length);
    const lines = out.split('\n');
    const line = random(Math.min(lines.length, 20));
    const word = TOKENS[random(TOKENS.length)]!;
    out = [
      () => out.slice(0, at),
      () => out.slice(0, at) + word + out.slice(at),
      () => out.slice(0, at) + String.fromCharCode(random(256)) + out.slice(at + 1),
      () => out.slice(0, at) + out.slice(at + random(200)),
      () => lines.toSpliced(line, 1).join('\n'),
      () => lines.toSpliced(line, 0, lines[random(lines.length)]!).join('\n'),
      () => lines.with(line, lines[line]!.replace(/\S+/u, word)).join('\n'),
    ][random(7)]!();
  }
  return out;
}

/** A result, or one line that says what is wrong; anything else is thrown on. */
async function oneLine<T>(work: () => T | Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).not.toMatch(/\n| {4}at /u);
    return null;
  }
}

async function walkThrough(path: string): Promise<number> {
  await oneLine(() => inspectFile(path));
  let formed = 0;
  for (const scan of (await oneLine(() => readSpectrumScans(path))) ?? []) {
    const edge = guessEdge(scan)?.edge;
    if (edge === undefined) continue;
    await oneLine(() => formatXdi(scan));
    if (await oneLine(() => spectrumFromScan(scan, { ...edge, label: 'a', path }))) formed++;
  }
  return formed;
}

describe('spectra, whole and damaged', () => {
  it.each(Object.entries(SAMPLES))('%s', async (name, text) => {
    const folder = folderWith({ [name]: text });
    const path = join(folder, name);
    expect(await walkThrough(path)).toBe(name === 'bare.dat' ? 0 : 1);
    const random = randomStream(name);
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(damage(text, random), 'utf8');
      writeFileSync(path, random(10) === 0 ? gzipSync(bytes) : bytes);
      await walkThrough(path);
    }
  });

  it.each([
    ['signs of a format over and over', `${'%d\n'.repeat(60_000)}7000 1\n7001 2\n`],
    ['a sign and blank lines', `data_a\n${'\n'.repeat(200_000)}`],
    ['a header that goes on', `# CLS Data Acquisition\n${'# x: y\n'.repeat(50_000)}7000 1\n7001 2\n`],
    ['one line of words', `# ${'word '.repeat(200_000)}\n7000 1\n7001 2\n`],
    ['lists without end', `# Athena project file -- a\n$old_group = 'a';\n@args = (${'['.repeat(50_000)}`],
  ])('%s', async (_name, text) => {
    await walkThrough(join(folderWith({ 'a.dat': text }), 'a.dat'));
  });
});
