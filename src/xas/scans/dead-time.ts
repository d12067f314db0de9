import type { Column } from '../../measurement.js';

/**
 * True count rate behind a paralysable detector: solves ocr = icr exp(-icr tau) for icr by Newton's method (G. F. Knoll,
 * Radiation Detection and Measurement, 4th ed., section 4.VII). NaN where the output rate exceeds what the detector can
 * give, 1 / (e tau).
 *
 * @param outputRate counts per second that came out
 * @param deadTime_s dead time of one pulse
 */
export function trueRate(outputRate: number, deadTime_s: number): number {
  if (!(outputRate > 0) || deadTime_s === 0) return outputRate;
  if (outputRate * deadTime_s * Math.E > 1) return Number.NaN;
  let rate = outputRate;
  for (let turn = 0; turn < 100; turn++) {
    const damping = Math.exp(-rate * deadTime_s);
    const move = (outputRate - rate * damping) / (damping * (1 - rate * deadTime_s));
    rate += move;
    if (Math.abs(move) < 1e-12 * rate) break;
  }
  return rate;
}

/** Factor that counts of a channel are multiplied with, from the input and output count rates of its electronics. */
export const deadTimeFactor = (inputRate: number, outputRate: number, realTime = 1, liveTime = 1): number =>
  (inputRate / outputRate) * (realTime / liveTime);

/** What is known of a counting detector. */
export interface CountingDetector {
  /** Dead time of one pulse, s. */
  deadTime_s: number;
  /** Counting time of each point, s; null where a column of the file says it. */
  dwell_s: number | null;
}

/** Names of columns that hold the counting time of each point. */
const DWELL =
  /^(?:(?:scaler|count|counting|integration|preset|dwell|acq)?[\s_]?time|real time clock|seconds|dwell|sec)$/iu;

/**
 * The columns with the fluorescence counts that a detector without dead time would have given, and their uncertainties: of N
 * counts sqrt(N) times the slope of the correction. A point that counted faster than the detector can is NaN.
 *
 * @throws RangeError where no fluorescence column holds counts, and where nothing says the counting time
 */
export function withoutDeadTime(
  columns: readonly Column[],
  { deadTime_s, dwell_s }: CountingDetector,
): Column[] {
  const channels = columns.filter(({ role }) => role === 'fluorescence');
  if (channels.length === 0) throw new RangeError('has no fluorescence counts to correct for dead time');
  const other = channels.find(({ values }) => !areCounts(values));
  if (other)
    throw new RangeError(`column '${other.name}' does not hold counts, so its dead time is not known`);
  const dwell =
    dwell_s === null
      ? columns.find(({ name, values }) => DWELL.test(name.trim()) && values.every((t) => t > 0))?.values
      : Float64Array.from(channels[0]!.values, () => dwell_s);
  if (!dwell) throw new RangeError('no column says the counting time of a point: state it (dwell: 1 s)');
  return columns.map((column) => (channels.includes(column) ? corrected(column, dwell, deadTime_s) : column));
}

function corrected(column: Column, dwell: Float64Array, deadTime_s: number): Column {
  const values = column.values.map((counts, i) => trueRate(counts / dwell[i]!, deadTime_s) * dwell[i]!);
  // d icr / d ocr = exp(icr tau) / (1 - icr tau).
  const sigma = values.map((value, i) => {
    const busy = (value / dwell[i]!) * deadTime_s;
    return (Math.sqrt(Math.max(1, column.values[i]!)) * Math.exp(busy)) / (1 - busy);
  });
  return { ...column, values, sigma };
}

const areCounts = (values: Float64Array): boolean =>
  values.some((value) => value > 1) && values.every((value) => Number.isInteger(value) && value >= 0);
