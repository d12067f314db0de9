/** One step on each of several maps: prints, writes, and lets no fault of one harm the others. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InputError, messageOf } from '../../errors.js';
import type { MapEntry } from '../../experiment.js';
import { rowStretches } from '../../formats/maps/spectrum-blocks.js';
import type { ElementMap, SpectrumMap } from '../../measurement.js';
import { workerThreads } from '../../pipeline/pool.js';
import { shareHere } from '../../pipeline/share.js';
import type { MapArrays, MapResult } from '../../result.js';
import { fitSpectra } from '../../stages/fit-xrf-spectra.js';
import type { XrfFit } from '../../stages/map-items.js';
import { cleanMap } from '../../xrf/image/clean-map.js';
import { exitStatus } from '../exit.js';
import { printJson } from '../json.js';
import type { SegmentFlags } from './flags.js';
import { writeMap } from './write-map.js';

export const say = (message: string): void => console.error(`interphase: ${message}`);

interface Outcome {
  result: MapResult;
  arrays: MapArrays;
}

/** Runs `work` on every map; a file that fails is told and leaves the others alone. */
export async function eachMap(
  entries: MapEntry[],
  work: (entry: MapEntry) => Promise<Outcome>,
  flags: SegmentFlags,
  print: (r: MapResult) => string,
): Promise<void> {
  const results: MapResult[] = [];
  const faults: InputError[] = [];
  for (const entry of entries) {
    try {
      const { result, arrays } = await work(entry);
      results.push(result);
      if (flags.out) await writeMap(join(flags.out, entry.name), result, arrays);
      if (!flags.json) console.log(print(result));
    } catch (thrown) {
      if (!(thrown instanceof InputError)) throw thrown;
      faults.push(thrown);
    }
  }
  if (results.length === 0 && faults.length > 0) throw faults[0];
  for (const fault of faults) say(messageOf(fault));
  if (flags.json) printJson(results);
  if (faults.length > 0) process.exitCode = exitStatus.partial;
}

/** Elements of a map of spectra; a map of one block is not worth a thread. */
export async function elementsOf(
  map: SpectrumMap,
  { elements, incidentEnergy_eV }: MapEntry,
  more: { refine?: boolean } = {},
): Promise<XrfFit> {
  const options = { elements, incident_eV: incidentEnergy_eV, ...more };
  const threads = rowStretches(map).length > 1 ? workerThreads(availableParallelism()) : null;
  const share = threads?.share ?? shareHere;
  try {
    return await fitSpectra(map, options, { warn: say, progress: () => {}, share });
  } finally {
    await threads?.close();
  }
}

/** The map after a look for faults of the scan; what was found is told. */
export function cleaned(map: ElementMap, { source }: MapEntry, { clean }: SegmentFlags): ElementMap {
  const found = cleanMap(map, new Set(clean ?? []), 'files' in source);
  for (const note of found.notes) say(`${map.name}: ${note}`);
  return found.map;
}

export const imagesOf = (map: ElementMap): MapArrays => ({
  name: map.name,
  grid: map.grid,
  layers: map.images.map(({ element, values, sigma }) => ({ name: element, unit: 'counts', values, sigma })),
  regions: null,
  boundaries: [],
  thickness_um: null,
  sumSpectrum: null,
});
