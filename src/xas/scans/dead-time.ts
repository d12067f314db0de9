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
