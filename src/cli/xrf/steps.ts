import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError, messageOf } from '../../errors.js';
import type { MapEntry, MapFault } from '../../experiment.js';
import { writeFileAtomic } from '../../formats/common/atomic.js';
import { parseQuantity, type QuantityKind } from '../../formats/common/quantity.js';
import { seriesName } from '../../formats/maps/edf-map.js';
import { readMap } from '../../formats/maps/map-file.js';
import type { ElementMap, Grid } from '../../measurement.js';
import type { MapArrays, MapResult } from '../../result.js';
import { fitLargeSpectra, fitSpectra } from '../../stages/fit-xrf-spectra.js';
import { layerArrays, layerResult, regionArrays, regionResult } from '../../stages/map-summary.js';
import { cleanMap } from '../../xrf/image/clean-map.js';
import { measureLayer } from '../../xrf/layer/measure-layer.js';
import { segmentMap } from '../../xrf/regions/segment.js';
import { impossibleLines } from '../../xrf/spectrum/line-groups.js';
import { exitStatus } from '../exit.js';
import { plusMinus, textTable } from '../table.js';
import { writeCurves } from '../xas/output.js';

export interface MapFlags {
  data?: string;
  elements?: string[];
  pixel?: string;
  energy?: string;
  i0?: string;
  clean?: MapFault[];
  json?: boolean;
  out?: string;
  refine: boolean;
}

export interface SegmentFlags extends Omit<MapFlags, 'refine'> {
  classes?: number;
  beam?: string;
}

const say = (message: string): void => console.error(`interphase: ${message}`);

/** A length or an energy from an option. @throws InputError naming the option. */
function quantity(text: string | undefined, kind: QuantityKind, option: string): number | null {
  if (text === undefined) return null;
  const parsed = parseQuantity(text, kind);
  if ('fault' in parsed) throw new InputError(`${option}: ${parsed.fault}`, null, parsed.cure);
  return parsed.value;
}

function entryFor(source: MapEntry['source'], name: string, flags: Omit<MapFlags, 'refine'>): MapEntry {
  const pixel = quantity(flags.pixel, 'length', '--pixel');
  return {
    name,
    role: 'xrf',
    source,
    ...(flags.i0 === undefined ? {} : { i0: flags.i0 }),
    incidentEnergy_eV: quantity(flags.energy, 'energy', '--energy'),
    pixel_um: pixel === null ? null : { x: pixel, y: pixel },
    elements: flags.elements ?? null,
    element: null,
    edge: null,
    references: [],
    line: 0,
  };
}

/** One image a file when as many files as elements are named; several EDF files are the rows of one map; else every file on its own. */
function entriesFor(files: string[], flags: Omit<MapFlags, 'refine'>): MapEntry[] {
  const { elements } = flags;
  if (elements && files.length > 1 && files.length === elements.length) {
    return [entryFor({ files: Object.fromEntries(elements.map((e, i) => [e, files[i]])) }, 'map', flags)];
  }
  if (files.length > 1 && files.every((file) => /\.edf(?:\.gz)?$/iu.test(file)))
    return [entryFor({ rows: files }, seriesName(files), flags)];
  return files.map((file) =>
    entryFor({ file, data: flags.data ?? null }, basename(file).replace(/\.\w+$/, ''), flags),
  );
}

interface Outcome {
  result: MapResult;
  arrays: MapArrays;
}

/** Runs `work` on every map; a file that fails is told and leaves the others alone. */
async function each(
  entries: MapEntry[],
  work: (entry: MapEntry) => Promise<Outcome>,
  flags: Omit<MapFlags, 'refine'>,
  print: (r: MapResult) => string,
): Promise<void> {
  const results: MapResult[] = [];
  const faults: InputError[] = [];
  for (const entry of entries) {
    try {
      const { result, arrays } = await work(entry);
      results.push(result);
      if (flags.out) await writeArrays(join(flags.out, entry.name), arrays);
      if (!flags.json) console.log(print(result));
    } catch (thrown) {
      if (!(thrown instanceof InputError)) throw thrown;
      faults.push(thrown);
    }
  }
  if (results.length === 0 && faults.length > 0) throw faults[0];
  for (const fault of faults) say(messageOf(fault));
  if (flags.json) console.log(JSON.stringify(results, null, 2));
  if (faults.length > 0) process.exitCode = exitStatus.partial;
}

/** The map after a look for faults of the scan; what was found is told. */
function cleaned(map: ElementMap, { source }: MapEntry, { clean }: Pick<MapFlags, 'clean'>): ElementMap {
  const found = cleanMap(map, new Set(clean ?? []), 'files' in source);
  for (const note of found.notes) say(`${map.name}: ${note}`);
  return found.map;
}

/** Counts do not need a pixel size: where nothing states it, pixels of 1 um serve. */
async function readAnyPixel(entry: MapEntry): Promise<Awaited<ReturnType<typeof readMap>>> {
  const said: string[] = [];
  try {
    const read = await readMap(entry, (message) => said.push(message));
    said.forEach(say);
    return read;
  } catch (thrown) {
    if (!(thrown instanceof InputError) || entry.pixel_um || !thrown.what.includes('pixel size'))
      throw thrown;
    return readMap({ ...entry, pixel_um: { x: 1, y: 1 } }, say);
  }
}

export const mapFiles = (files: string[], flags: MapFlags): Promise<void> =>
  each(
    entriesFor(files, flags),
    async (entry) => {
      const read = await readAnyPixel(entry);
      const sink = { key: '', warn: say, error: say, progress: () => {} };
      if (read.kind === 'spectrum-map' || read.kind === 'large-spectrum-map') {
        const options = {
          elements: entry.elements,
          incident_eV: entry.incidentEnergy_eV,
          refine: flags.refine,
        };
        const fit =
          read.kind === 'spectrum-map'
            ? fitSpectra(read.map, options, sink)
            : await fitLargeSpectra(read.map, options, sink);
        const { detectors, elements, sumSpectrum, statements } = fit;
        const map = cleaned(fit.map, entry, flags);
        return {
          result: { name: entry.name, detectors, elements, statements },
          arrays: { ...imagesOf(map), sumSpectrum },
        };
      }
      if (read.kind === 'element-map') {
        const map = cleaned(read.map, entry, flags);
        return { result: totals(map, entry.name), arrays: imagesOf(map) };
      }
      throw new InputError(
        'this file holds images at several energies; run an experiment.yaml that names their references',
        { path: entry.name },
      );
    },
    flags,
    mapText,
  );

export function segmentFiles(files: string[], flags: SegmentFlags): Promise<void> {
  const beam_um = quantity(flags.beam, 'length', '--beam');
  return each(
    entriesFor(files, flags),
    async (entry) => {
      const read = await readMap(entry, say);
      let map: ElementMap;
      if (read.kind === 'element-map') map = read.map;
      else if (read.kind === 'spectrum-map') {
        map = fitSpectra(
          read.map,
          { elements: entry.elements, incident_eV: entry.incidentEnergy_eV },
          { warn: say },
        ).map;
      } else
        throw new InputError('regions are found on element maps or on spectra that fit in memory', {
          path: entry.name,
        });
      if (map.images.length < 2)
        throw new InputError(
          `regions need at least two elements, and ${entry.name} holds ${map.images.length}`,
          null,
          'name them with --elements',
        );
      map = cleaned(map, entry, flags);
      const segmentation = segmentMap(map, { classes: flags.classes ?? null });
      const layer = measureLayer(segmentation, { beam_um });
      const warnings = impossibleLines(
        map.images.map((image) => image.element),
        map.incidentEnergy_eV,
      );
      const result: MapResult = {
        name: entry.name,
        ...regionResult(segmentation, layer),
        ...(layer ? layerResult(layer) : { boundaries: [], aei_present: null, aei_thickness_um: null }),
        statements: [
          ...warnings,
          ...segmentation.statements,
          ...(layer?.statements ?? ['The regions do not form layers.']),
        ],
      };
      const arrays = {
        ...imagesOf(map),
        regions: regionArrays(segmentation, layer),
        ...(layer ? layerArrays(layer) : {}),
      };
      return { result, arrays };
    },
    flags,
    segmentText,
  );
}

const imagesOf = (map: ElementMap): MapArrays => ({
  name: map.name,
  grid: map.grid,
  layers: map.images.map(({ element, values, sigma }) => ({ name: element, unit: 'counts', values, sigma })),
  regions: null,
  boundaries: [],
  thickness_um: null,
  sumSpectrum: null,
});

function totals(map: ElementMap, name: string): MapResult {
  return {
    name,
    elements: map.images.map(({ element, values, sigma }) => {
      const measured = values.filter(Number.isFinite);
      const value = measured.reduce((a, b) => a + b, 0);
      const variance = sigma ? sigma.reduce((a, s) => (Number.isFinite(s) ? a + s * s : a), 0) : value;
      return {
        element,
        line: '',
        energy_eV: Number.NaN,
        counts: { value, sigma: Math.sqrt(Math.max(variance, 0)) },
      };
    }),
    statements: impossibleLines(
      map.images.map((image) => image.element),
      map.incidentEnergy_eV,
    ),
  };
}

function mapText(r: MapResult): string {
  const parts = [r.name];
  if (r.detectors?.length)
    parts.push(
      textTable(
        ['detector', 'counts'],
        r.detectors.map((d) => [d.name, String(d.counts)]),
      ),
    );
  const lines = (r.elements ?? []).map((e) => [
    e.element,
    e.line,
    Number.isFinite(e.energy_eV) ? e.energy_eV.toFixed(1) : '',
    plusMinus(e.counts),
  ]);
  if (lines.length > 0) parts.push(textTable(['element', 'line', 'eV', 'counts'], lines));
  return [...parts, ...r.statements, ''].join('\n');
}

function segmentText(r: MapResult): string {
  const parts = [
    r.name,
    textTable(
      ['region', 'area (um2)'],
      (r.regions ?? []).map((x) => [x.name, x.area_um2.toFixed(0)]),
    ),
  ];
  if (r.boundaries?.length) {
    parts.push(
      textTable(
        ['boundary', 'mean (um)', 'roughness (um)', 'correlation (um)'],
        r.boundaries.map((b) => [
          b.name,
          plusMinus({ value: b.mean_um, sigma: b.sigma_um ?? 0 }),
          plusMinus({ value: b.roughness_rms_um, sigma: b.roughness_sigma_um ?? 0 }),
          b.correlation_length_um?.toFixed(0) ?? '–',
        ]),
      ),
    );
  }
  const t = r.aei_thickness_um;
  if (t)
    parts.push(
      `AEI thickness ${plusMinus({ value: t.mean, sigma: t.sigma })} um; median ${t.median.toFixed(1)}, 5 % ${t.p5.toFixed(1)}, 95 % ${t.p95.toFixed(1)} um`,
    );
  else parts.push(r.aei_present === false ? 'no AEI' : 'AEI: cannot tell');
  for (const i of r.intrusions ?? [])
    parts.push(
      `${i.material} inside ${i.inside} at x ${i.x_um.toFixed(0)}, y ${i.y_um.toFixed(0)} um: ${i.area_um2.toFixed(0)} um2, reaching ${i.depth_um.toFixed(0)} um`,
    );
  return [...parts, ...r.statements, ''].join('\n');
}

async function writeArrays(stem: string, arrays: MapArrays): Promise<void> {
  await mkdir(stem, { recursive: true });
  const image = async (name: string, values: ArrayLike<number>): Promise<void> => {
    const path = join(stem, `${name.replaceAll(/[^\w.-]+/g, '_')}.csv`);
    await writeFileAtomic(path, gridText(values, arrays.grid));
    console.error(`wrote ${path}`);
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
