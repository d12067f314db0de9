/** Rates and times of one detector in each pixel, as far as a file holds them. */
export interface DetectorTimes {
  /** Photons that the fast channel saw, and those that the spectrum holds; counts or rates. */
  input: Float64Array | null;
  output: Float64Array | null;
  /** Time during which the detector could take a photon, and time on the clock. */
  live: Float64Array | null;
  real: Float64Array | null;
}

/**
 * What the counts of each pixel are to be multiplied by: (input / output) · (real / live), each factor where its two
 * numbers are there; 1 where they make no sense (below 1, or more than a hundredfold). Null where neither is there.
 */
export function deadTimeFactor({ input, output, live, real }: DetectorTimes): Float64Array | null {
  const rates = input !== null && output !== null && input.length === output.length;
  const times = live !== null && real !== null && live.length === real.length;
  if (!rates && !times) return null;
  return Float64Array.from({ length: rates ? input.length : live!.length }, (_, i) => {
    const lost = (rates ? input[i]! / output[i]! : 1) * (times ? real[i]! / live[i]! : 1);
    return lost >= 1 && lost < 100 ? lost : 1;
  });
}
