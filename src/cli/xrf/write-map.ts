/** A map as files: its images and lines as CSV, and the figures of a report. */
import { join } from 'node:path';
import type { Grid } from '../../measurement.js';
import type { MapArrays, MapResult } from '../../result.js';
import { drawLoose } from '../loose-figures.js';
import { writeTold } from '../write-file.js';
import { writeCurves } from '../xas/output.js';

export async function writeMap(stem: string, result: MapResult, arrays: MapArrays): Promise<void> {
  const image = async (name: string, values: ArrayLike<number>): Promise<void> => {
    await writeTold(join(stem, `${name.replaceAll(/[^\w.-]+/g, '_')}.csv`), gridText(values, arrays.grid));
  };
  for (const layer of arrays.layers) {
    await image(layer.name, layer.values);
    if (layer.sigma) await image(`${layer.name}_sigma`, layer.sigma);
  }
  if (arrays.regions) await image('regions', arrays.regions.labels);
  for (const line of arrays.boundaries)
    await writeCurves(join(stem, `${line.name.replace('|', '-')}.csv`), { x_um: line.x_um, y_um: line.y_um });
  if (arrays.sumSpectrum) {
    const { energy_eV, counts, fitted } = arrays.sumSpectrum;
    await writeCurves(join(stem, 'sum-spectrum.csv'), { energy_eV, counts, ...(fitted ? { fitted } : {}) });
  }
  const { figuresOf } = await import('../../report/figure-list.js');
  await drawLoose(stem, { maps: [{ result, arrays }] }, figuresOf);
}

function gridText(values: ArrayLike<number>, grid: Grid): string {
  const rows: string[] = [];
  for (let r = 0; r < grid.ny; r++)
    rows.push(
      Array.from({ length: grid.nx }, (_, c) => String(Number(values[r * grid.nx + c].toPrecision(8)))).join(
        ',',
      ),
    );
  return `${rows.join('\n')}\n`;
}
