import { join } from 'node:path';
import { InputError } from '../errors.js';
import { writeFileAtomic } from '../formats/common/atomic.js';
import { nearest } from '../formats/common/nearest.js';
import { drawAll } from './draw-all.js';
import { toPng } from './drawing/raster.js';
import { figuresOf } from './figure-list.js';
import { reportPage } from './page/report-page.js';
import { readProvenance, readResults } from './read-results.js';

/**
 * Draws figures of a stored result again and returns the paths of the files.
 *
 * @throws InputError when the folder holds no result, or has no figure of a given name.
 */
export async function redrawFigures(
  folder: string,
  format: 'svg' | 'png' | 'pdf',
  only?: string[],
): Promise<string[]> {
  const all = figuresOf(await readResults(folder));
  const ids = all.map(({ id }) => id);
  for (const id of only ?? []) {
    if (!ids.includes(id)) throw unknownFigure(folder, id, ids);
  }
  const chosen = all.filter(({ id }) => only === undefined || only.includes(id));
  return Promise.all(
    chosen.map(async (one) => {
      const path = join(folder, 'figures', `${one.id}.${format}`);
      const svg = one.draw();
      await writeFileAtomic(
        path,
        format === 'svg' ? svg : format === 'png' ? await toPng(svg) : await pdf(svg, one.title),
      );
      return path;
    }),
  );
}

async function pdf(svg: string, title: string): Promise<Uint8Array> {
  const { toPdf } = await import('./drawing/pdf.js');
  return toPdf(svg, title);
}

function unknownFigure(path: string, id: string, ids: string[]): InputError {
  const close = nearest(id, ids);
  return new InputError(
    `no figure '${id}' in this result${close ? `; did you mean '${close}'?` : ''}`,
    { path },
    ids.length > 0 ? `there are ${ids.join(', ')}` : 'it has none',
  );
}

/** Writes report.html again and returns its path. */
export async function rewriteReport(folder: string): Promise<string> {
  const bundle = await readResults(folder);
  const { drawn } = drawAll(figuresOf(bundle));
  const path = join(folder, 'report.html');
  await writeFileAtomic(path, reportPage(bundle.result, drawn, await readProvenance(folder)));
  return path;
}
