/** One step on each of several maps: prints, writes, and lets no fault of one harm the others. */
import { join } from 'node:path';
import { InputError, messageOf } from '../../errors.js';
import type { MapEntry } from '../../experiment.js';
import type { ElementMap } from '../../measurement.js';
import type { MapArrays, MapResult } from '../../result.js';
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
