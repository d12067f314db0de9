import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { drawAll } from '../../src/report/draw-all.js';
import { figuresOf } from '../../src/report/figure-list.js';
import { reportPage } from '../../src/report/page/report-page.js';
import type { ResultBundle } from '../../src/result.js';
import { hostileBundle, smallBundle } from '../support/bundle.js';

const browser = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));
if (browser === undefined && process.env.CI === 'true')
  throw new Error('the browser tests need chromium (or CHROMIUM=path)');
const describeBrowser = browser === undefined ? describe.skip : describe;

/** Opens the page without a network and returns what the given flags print or write. */
async function open(
  bundle: ResultBundle,
  use: (page: string, folder: string) => string[],
): Promise<{ out: string; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'interphase-browser-'));
  const page = join(folder, 'report.html');
  await writeFile(page, reportPage(bundle.result, drawAll(figuresOf(bundle)).drawn, null));
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--hide-scrollbars',
    '--enable-logging=stderr',
    '--v=0',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    `--user-data-dir=${join(folder, 'profile')}`,
  ];
  const done = await promisify(execFile)(browser!, [...flags, ...use(page, folder), `file://${page}`], {
    maxBuffer: 1 << 26,
  });
  return { out: `${done.stdout}\n${done.stderr}`, folder };
}

describeBrowser('report page in a browser (skipped where no chromium is installed)', () => {
  it('shows the answer and every figure, and breaks none of its own rules', async () => {
    const bundle = smallBundle();
    const { out, folder } = await open(bundle, () => ['--dump-dom']);
    expect(out).toContain('there is an interphase from 19.4&nbsp;±&nbsp;0.3 to 39.8&nbsp;±&nbsp;0.4');
    expect(out.match(/<figure/g)).toHaveLength(figuresOf(bundle).length);
    expect(out).not.toMatch(/Content Security Policy|Refused to|CONSOLE|net::ERR/);
    await rm(folder, { recursive: true, force: true });
  });

  it('runs nothing that hides in a label', async () => {
    const { out, folder } = await open(hostileBundle(), () => ['--dump-dom']);
    expect(out).toContain('&lt;script&gt;');
    expect(out).not.toMatch(/<script|<img/);
    expect(out).not.toMatch(/CONSOLE|Refused to/);
    await rm(folder, { recursive: true, force: true });
  });

  it('prints to paper', async () => {
    const { folder } = await open(smallBundle(), (_page, into) => [
      `--print-to-pdf=${join(into, 'page.pdf')}`,
    ]);
    const pdf = await readFile(join(folder, 'page.pdf'));
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.length).toBeGreaterThan(20_000);
    await rm(folder, { recursive: true, force: true });
  });
});
