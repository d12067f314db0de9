/** Figures of what a step made of loose files, drawn as those of a report. */
import { extname, join } from 'node:path';
import { InputError } from '../errors.js';
import type { Figure } from '../report/figure.js';
import type { MapArrays, MapResult, ResultBundle, SpectrumCurves, SpectrumResult } from '../result.js';
import { writeTold } from './write-file.js';

/** What was made, each thing as a result and as the arrays behind it. */
export interface Loose {
  spectra?: { result: SpectrumResult; curves: SpectrumCurves }[];
  maps?: { result: MapResult; arrays: MapArrays }[];
}

export async function drawLoose(
  folder: string,
  { spectra = [], maps = [] }: Loose,
  figuresOf: (bundle: ResultBundle) => Figure[],
): Promise<void> {
  const bundle: ResultBundle = {
    result: {
      schema: 'interphase-result/1',
      sample: '',
      status: 'ok',
      problems: [],
      lineScans: [],
      spectra: spectra.map(({ result }) => result),
      maps: maps.map(({ result }) => result),
      figures: [],
    },
    lineScans: [],
    spectra: spectra.map(({ curves }) => curves),
    maps: maps.map(({ arrays }) => arrays),
  };
  for (const figure of figuresOf(bundle)) await writeFigure(folder, figure);
}

/** A figure as SVG and PNG. */
export async function writeFigure(folder: string, figure: Figure): Promise<void> {
  const svg = figure.draw();
  const { toPng } = await import('../report/drawing/raster.js');
  await writeTold(join(folder, `${figure.id}.svg`), svg);
  await writeTold(join(folder, `${figure.id}.png`), await toPng(svg));
}

const ENDINGS = ['.svg', '.png', '.pdf'] as const;
export type FigureEnding = (typeof ENDINGS)[number];

/** The ending of a figure's file. @throws InputError for one that cannot be written */
export function figureEnding(path: string, cure = 'use .svg, .png or .pdf for the figure'): FigureEnding {
  const found = ENDINGS.find((ending) => ending === extname(path).toLowerCase());
  if (found) return found;
  throw new InputError(`--out: '${path}' has no ending that can be written`, null, cure);
}

/** A figure as the bytes of a file with this ending. */
export async function figureAs(figure: Figure, ending: FigureEnding): Promise<string | Uint8Array> {
  const svg = figure.draw();
  if (ending === '.svg') return svg;
  if (ending === '.pdf') return (await import('../report/drawing/pdf.js')).toPdf(svg, figure.title);
  return (await import('../report/drawing/raster.js')).toPng(svg);
}
