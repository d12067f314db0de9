import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { Provenance } from '../../src/pipeline/provenance.js';
import { drawAll } from '../../src/report/draw-all.js';
import { figuresOf } from '../../src/report/figure-list.js';
import { reportPage } from '../../src/report/page/report-page.js';
import type { ResultBundle } from '../../src/result.js';
import { fullBundle, variants } from '../support/bundle.js';

const provenance: Provenance = {
  program: { name: 'interphase', version: '0.1.0', node: '20', platform: 'linux x64' },
  experiment: 'experiment.yaml',
  inputs: [{ path: 'scan_<script>.xye', sha256: 'ab'.repeat(32) }],
  pipeline: 'pipelines/kim2024.yaml',
  stages: [
    {
      stage: 'fit',
      version: 2,
      params: { note: '</script>' },
      runs: 3,
      fromCache: 1,
      failed: 0,
      milliseconds: 90,
    },
  ],
  started: '2026-01-01T00:00:00.000Z',
  finished: '2026-01-01T00:00:09.000Z',
};

const pageOf = (bundle: ResultBundle, origin: Provenance | null = provenance): string =>
  reportPage(bundle.result, drawAll(figuresOf(bundle)).drawn, origin);

const wordsOf = (page: string): string =>
  parseHTML(page).document.body.textContent.replaceAll('\u00a0', ' ').replaceAll(/\s+/g, ' ');

describe('report page', () => {
  it('answers in plain words: x, from where to where, thickness by method', () => {
    const words = wordsOf(pageOf(fullBundle()));
    expect(words).toContain('there is an interphase from 19.4 ± 0.3 to 39.8 ± 0.4 µm, 20.4 ± 0.5 µm thick');
    expect(words).toContain('x = 0.197 ± 0.008 indium per formula unit (95 %: 0.181 to 0.213)');
    expect(words).toContain('thickness by map, xrf59.2 ± 1.1 µm');
    expect(words).toContain('not averaged');
    expect(words).toContain('the file ends in the middle of line 212');
    expect(words).toContain('partial');
  });

  it('says that there is no interphase, or that the data do not tell', () => {
    expect(wordsOf(pageOf(fullBundle({ noAei: true })))).toContain('there is no interphase that differs');
    expect(wordsOf(pageOf(variants['nothing determined']!()))).toContain(
      'do not tell whether there is an interphase',
    );
    expect(wordsOf(pageOf(variants.empty!(), null))).toContain('This result holds no numbers');
  });

  it('gives edges and peaks as the answer where there are only spectra', () => {
    const { result, ...arrays } = fullBundle();
    const bundle = { ...arrays, result: { ...result, lineScans: [], maps: [] }, lineScans: [], maps: [] };
    const words = wordsOf(pageOf(bundle));
    expect(words).toMatch(
      /Answer P1, Cl K: the edge lies at 2826\.30 ± 0\.03 eV, .*from that of foil; peaks: b at 2824/,
    );
    expect(words).toContain('4 more spectra stand in the tables below');
  });

  it('tells the amount under the hypothesis that explains the lines, where x is not given', () => {
    const bundle = fullBundle();
    const scan = bundle.result.lineScans[0]!;
    scan.aei = { ...scan.aei, x: null };
    const amount = { value: 0.2, sigma: 0.01 };
    scan.hypotheses = [{ name: 'in-on-y', delta_bic: 0, weight: 0.98, amount }, ...scan.hypotheses];
    expect(wordsOf(pageOf(bundle))).toContain(
      'best by In on Y (weight 0.98), with an amount of 0.200 ± 0.010',
    );
    scan.hypotheses = [{ name: 'in-on-6h', delta_bic: 0, weight: 0.6, amount }];
    expect(wordsOf(pageOf(bundle))).toContain('x could not be determined');
  });

  it('asks nothing of the network and allows no script', () => {
    const page = pageOf(fullBundle({ pointsPerPattern: 100 }));
    const policy = parseHTML(page).document.querySelector('meta[http-equiv]')?.getAttribute('content');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('script-src');
    const addresses = [...page.matchAll(/\b(?:src|href|url|action)\s*=\s*"([^"]*)"/g)].map(([, to]) => to!);
    expect(addresses.length).toBeGreaterThan(5);
    for (const to of addresses) expect(to).toMatch(/^(#|data:image\/png;base64,)/);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
    expect(page).not.toMatch(/@import|url\((?!#)/);
  });

  const telling = ['hostile labels', 'foreign scripts', 'nothing determined', 'nothing but NaN', 'empty'];
  it.each(telling)('keeps foreign text as text: %s', (name) => {
    const page = pageOf(variants[name]!());
    expect(page).not.toMatch(/<script|<img|<iframe|<object|<embed/i);
    expect([...page].filter((letter) => letter < ' ' && letter !== '\n')).toEqual([]);
    for (const element of parseHTML(page).document.querySelectorAll('*')) {
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on/i);
    }
    expect(wordsOf(page)).not.toMatch(/undefined|\[object|NaN/);
  });

  it('shows hostile labels literally', () => {
    expect(wordsOf(pageOf(variants['hostile labels']!()))).toContain('<script>alert("x")</script>');
  });
});
