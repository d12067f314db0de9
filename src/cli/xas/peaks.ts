import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { givenWidths } from '../../xas/peaks/given-widths.js';
import { defaultPeakWindows, type PeakWindow, windowsFor } from '../../xas/peaks/peak-windows.js';
import { type FittedPeak, fitPreEdge } from '../../xas/peaks/pre-edge-fit.js';
import { preEdgeFrame } from '../../xas/peaks/pre-edge-frame.js';
import { fitPreEdgeSeries, type SeriesMember } from '../../xas/peaks/pre-edge-series.js';
import { plusMinus, textTable } from '../table.js';
import type { Drawn } from './figures.js';
import type { PeakFlags } from './flags.js';
import { fitOrFault, loadSpectra, needOneEdge } from './load.js';
import { normalizeOne } from './normalize-one.js';
import { fileName, print, writeCurves } from './output.js';

export async function peaksOfFiles(files: string[], flags: PeakFlags): Promise<void> {
  const named = flags.peak.map(windowOf);
  const loaded = await loadSpectra(files, flags);
  const members: (SeriesMember & Pick<Drawn, 'features'> & { file: string })[] = [];
  for (const one of loaded) {
    const { spectrum, features } = await normalizeOne(one, flags);
    const windows = named.length ? named : windowsFor(spectrum, features);
    if (windows.length === 0 && defaultPeakWindows(spectrum.element, spectrum.edge).length > 0) {
      console.error(`${spectrum.label}: its edge begins below all known peaks (name others with --peak)`);
      continue;
    }
    if (windows.length === 0)
      throw new InputError(
        `no peaks are known below the ${spectrum.element} ${spectrum.edge} edge`,
        { path: one.file },
        'name them: --peak pre:7110:7116',
      );
    const { element, edge } = spectrum;
    const stated = { core_eV: flags.coreWidth, resolution_eV: flags.resolution };
    const widths = fitOrFault(() => givenWidths(flags.widths, element, edge, stated), one.file);
    const frame = fitOrFault(() => preEdgeFrame(spectrum, windows, widths), one.file);
    members.push({ spectrum, features, windows, frame, file: one.file });
  }
  if (flags.share && members.length > 1) needOneEdge(loaded, 2, 'share anything');
  const shared = flags.share ? fitOrFault(() => fitPreEdgeSeries(members, flags.share!), files[0]!) : null;
  const results: PeakRow[] = [];
  const drawn: Drawn[] = [];
  for (const [k, { spectrum, features, windows, frame, file }] of members.entries()) {
    const fit = shared?.[k] ?? fitOrFault(() => fitPreEdge(spectrum, windows, frame), file);
    if (!fit.describes)
      console.error(`${spectrum.label}: no model describes this spectrum, so no peaks are given`);
    if (flags.out) {
      const { energy_eV, data, baseline, fit: curve, components } = fit.curves;
      const parts = Object.fromEntries(components.map(({ name, values }) => [`peak_${name}`, values]));
      drawn.push({ spectrum, features, peaks: fit });
      await writeCurves(join(flags.out, `${fileName(spectrum.label)}_peaks.csv`), {
        energy_eV,
        data,
        fit: curve,
        baseline,
        ...parts,
      });
    }
    results.push({
      label: spectrum.label,
      model: fit.model,
      reduced_chi2: fit.reducedChi2,
      peaks: fit.peaks.map(({ areaSystematic, ...peak }) => ({ ...peak, area_systematic: areaSystematic })),
      absent: fit.absent.map(({ name, areaLimit95 }) => ({ name, area_limit95: areaLimit95 })),
    });
  }
  if (flags.out) await (await import('./figures.js')).drawStep(flags.out, 'peaks', drawn);
  print(flags, results, () =>
    textTable(
      ['spectrum', 'peak', 'centre / eV', 'height', 'width / eV', 'area / eV'],
      results.flatMap((r) => [
        ...r.peaks.map((p) => [
          r.label,
          p.name,
          plusMinus(p.center_eV),
          plusMinus(p.height),
          plusMinus(p.fwhm_eV),
          plusMinus(p.area),
        ]),
        ...r.absent.map((p) => [r.label, p.name, '–', '–', '–', `< ${p.area_limit95.toPrecision(2)} (95 %)`]),
      ]),
    ),
  );
}

interface PeakRow {
  label: string;
  model: string;
  reduced_chi2: number;
  peaks: (Omit<FittedPeak, 'areaSystematic'> & { area_systematic: number })[];
  absent: { name: string; area_limit95: number }[];
}

function windowOf(text: string): PeakWindow {
  const [name, from, to] = text.split(':');
  const from_eV = Number(from);
  const to_eV = Number(to);
  if (!name || !(from_eV < to_eV))
    throw new InputError(`'${text}' is no peak`, null, 'write --peak b:2823.9:2825.1');
  return { name, from_eV, to_eV, maxFwhm_eV: 2 * Math.max(1.5, to_eV - from_eV) };
}
