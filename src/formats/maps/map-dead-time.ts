import type { H5GroupReader } from '../common/hdf5.js';

/**
 * What the summed counts of each pixel are to be multiplied by: (ICR/OCR) (real time/live time) of each detector,
 * averaged over detectors with their output counts as weights. Null where the file holds no count rates.
 * (MAPS spells its dataset 'ouputcounts'.)
 */
export function deadTimeFactor(group: H5GroupReader, detectors: number, pixels: number): Float64Array | null {
  const read = (...names: string[]): Float64Array | null => {
    const dataset = names.map((name) => group.dataset(name)).find((found) => found !== null) ?? null;
    return dataset?.isNumeric && dataset.size === detectors * pixels ? dataset.numbers() : null;
  };
  const [input, output] = [read('inputcounts'), read('ouputcounts', 'outputcounts')];
  if (input === null || output === null) return null;
  const [live, real] = [read('livetime'), read('realtime')];
  return Float64Array.from({ length: pixels }, (_, pixel) => {
    let [weighted, weight] = [0, 0];
    for (let detector = 0; detector < detectors; detector++) {
      const i = detector * pixels + pixel;
      const time = live && real && live[i]! > 0 ? real[i]! / live[i]! : 1;
      const factor = output[i]! > 0 ? (input[i]! / output[i]!) * time : 1;
      weighted += output[i]! * factor;
      weight += output[i]!;
    }
    const mean = weight > 0 ? weighted / weight : 1;
    return Number.isFinite(mean) && mean >= 1 ? mean : 1;
  });
}
