import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { interphase } from '../support/cli.js';
import { folderWith } from '../support/folder.js';

describe('interphase xrd plan', () => {
  it('says and draws what a scan could reach', () => {
    const figure = join(folderWith({}), 'plan.svg');
    const run = interphase(['xrd', 'plan', '--set', 'edges=26,40', '--json', '--out', figure]);
    expect(run.status).toBe(0);
    const { sigma } = JSON.parse(run.stdout) as { sigma: { x: number } };
    expect(sigma.x).toBeGreaterThan(0.002);
    expect(sigma.x).toBeLessThan(0.03);
    expect(existsSync(figure)).toBe(true);
  });

  it('refuses an ending that it cannot write before it computes', () => {
    const run = interphase(['xrd', 'plan', '--out', 'plan.txt']);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('.svg, .png or .pdf');
  });
});
