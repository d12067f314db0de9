import { describe, expect, it } from 'vitest';
import { toCsv } from '../../src/formats/common/csv-table.js';
import { resultTables } from '../../src/formats/results/result-tables.js';
import { emptyBundle, fullBundle, variants } from '../support/bundle.js';

const csv = (file: string): string[] =>
  toCsv(
    resultTables(fullBundle({ patterns: 30, pointsPerPattern: 10 }).result).find(
      (table) => table.file === file,
    )!,
  )
    .trimEnd()
    .split('\r\n');

describe('result tables', () => {
  it('hold one row a pattern with value and uncertainty, and nothing where there is no value', () => {
    const [header, ...rows] = csv('patterns.csv');
    expect(header).toContain(
      'line_scan,index,position_um,status,reason,rwp_percent,gof,x,x_sigma,Li3YCl6 scale',
    );
    expect(rows).toHaveLength(30);
    expect(rows[11]).toMatch(/^cross-section,11,22,excluded,no counts: the frame is dead,,,,,/);
  });

  it('keep the thickness of each method in its own row', () => {
    const [, ...rows] = csv('thickness.csv');
    expect(rows).toEqual([
      'uXRD line scan,cross-section,20.4,0.5,19.5,21.4,,,',
      'map,xrf,59.2,1.1,57,61.4,59.4,51,68.1',
    ]);
  });

  it('have as many cells in each row as in the header, whatever is missing', () => {
    for (const make of Object.values(variants)) {
      for (const { file, header, rows } of resultTables(make().result)) {
        for (const row of rows) expect(row.length, file).toBe(header.length);
      }
    }
  });

  it('quote what needs it and disarm what a spreadsheet would run', () => {
    const text = toCsv({
      header: ['a', 'b'],
      rows: [
        ['x,"y"\nz', '=HYPERLINK("evil")'],
        [Number.NaN, -1.5],
      ],
    });
    expect(text).toBe('a,b\r\n"x,""y""\nz","\'=HYPERLINK(""evil"")"\r\n,-1.5\r\n');
  });

  it('are left out when they have no row', () => {
    expect(resultTables(emptyBundle().result)).toEqual([]);
  });
});
