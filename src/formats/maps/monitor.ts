import { InputError, type Place } from '../../errors.js';
import type { ElementImage, ElementMap } from '../../measurement.js';
import { median, quantile } from '../../numeric/robust.js';
import { suggestion } from '../common/nearest.js';
import type { Scaler } from './layout.js';
import type { Warn } from './map-notes.js';

const MONITOR = /^(?:i0|i_0|us_?ic|sr?clr?_?i0|i0_?mon\w*|io|monitor|ic1?|ion_?ch\w*|realtime)$/iu;
/** Below this scatter (95 % of the pixels within) dividing would change nothing worth telling. */
const NOTICEABLE = 0.05;

/**
 * The monitor that a map is to be divided by, over its median, in the order of the file's points; NaN where it shows no beam
 * (below 5 % of the median). Null where none is asked for; one that varies is then told of.
 * @throws InputError where the one that is asked for is not there or does not fit.
 */
export function monitorOf(
  asked: string | undefined,
  scalers: readonly Scaler[],
  points: number,
  place: Place,
  warn: Warn,
): Float64Array | null {
  const known = scalers.map(({ name }) => name);
  if (asked === undefined) {
    for (const { name, read } of scalers.filter((scaler) => MONITOR.test(scaler.name))) {
      const values = read();
      const spread = values.length === points ? spreadOf(values) : 0;
      if (!(spread > NOTICEABLE)) continue;
      warn(
        `its monitor '${name}' varies by ${(100 * spread).toFixed(0)} % over the map; i0: ${name} (or --i0 ${name}) would divide by it`,
      );
      break;
    }
    return null;
  }
  const found = scalers.find(({ name }) => name.toLowerCase() === asked.toLowerCase());
  if (found === undefined)
    throw new InputError(`holds no monitor '${asked}'`, place, suggestion(asked, known));
  const values = found.read();
  if (values.length !== points)
    throw new InputError(
      `its monitor '${asked}' has ${values.length} values where the map has ${points}`,
      place,
    );
  const middle = median(values.filter((value) => value > 0));
  if (!(middle > 0)) throw new InputError(`its monitor '${asked}' is nowhere above zero`, place);
  const relative = values.map((value) => (value > 0.05 * middle ? value / middle : Number.NaN));
  const lost = relative.filter(Number.isNaN).length;
  if (lost > 0) warn(`${lost} pixels had no beam by its monitor '${asked}' and count as not measured`);
  return relative;
}

/** Half the range that holds 95 % of the values, over their median. */
const spreadOf = (values: Float64Array): number =>
  (quantile(values, 0.975) - quantile(values, 0.025)) / 2 / median(values);

/** Images over the relative monitor; counts get their counting errors first, as quotients have lost their sign of being counts. */
export function dividedByMonitor(map: ElementMap, relative: Float64Array): ElementMap {
  return { ...map, images: map.images.map((image) => divided(image, relative)) };
}

function divided({ element, values, sigma }: ElementImage, relative: Float64Array): ElementImage {
  const counts = values.every((value) => Number.isNaN(value) || (Number.isInteger(value) && value >= 0));
  const errors = sigma ?? (counts ? values.map((value) => Math.sqrt(Math.max(value, 1))) : null);
  return {
    element,
    values: values.map((value, i) => value / relative[i]!),
    sigma: errors === null ? null : errors.map((value, i) => value / relative[i]!),
  };
}
