/**
 * Measures of agreement of a Rietveld fit, as GSAS-II defines them (with the background included in the observed
 * intensities): R. A. Young, The Rietveld Method (1993), table 1.3; R. J. Hill & H. D. Flack, J. Appl. Cryst. 20
 * (1987) 356 (Durbin-Watson statistic).
 */
export interface RFactors {
  /** 100 sqrt(sum w (yo - yc)^2 / sum w yo^2). */
  rwp_percent: number;
  /** 100 sum |yo - yc| / sum yo. */
  rp_percent: number;
  /** 100 sqrt((N - P) / sum w yo^2): the Rwp that noise alone would give. GSAS-II prints it without the - P. */
  rexp_percent: number;
  /** As rwp, with the background taken off the observed intensities in the denominator. */
  rwpBackgroundCorrected_percent: number;
  /** sqrt(chi2 / (N - P)); its square is the reduced chi square. */
  gof: number;
  chi2: number;
  points: number;
  parameters: number;
  /** sum (d_i - d_i-1)^2 / sum d_i^2 of the weighted differences: 2 for independent ones, less for serial correlation. */
  durbinWatson: number;
}

/** R factors over the points with positive weight; arrays of equal length, `weight` = 1 / sigma^2, 0 for masked points. */
export function rFactors(
  observed: Float64Array,
  calculated: Float64Array,
  background: Float64Array,
  weight: Float64Array,
  parameters: number,
): RFactors {
  let chi2 = 0;
  let sumObserved2 = 0;
  let sumNet2 = 0;
  let absolute = 0;
  let sumObserved = 0;
  let serial = 0;
  let previous = Number.NaN;
  let points = 0;
  for (let i = 0; i < observed.length; i++) {
    const w = weight[i]!;
    if (!(w > 0)) {
      previous = Number.NaN;
      continue;
    }
    const yo = observed[i]!;
    const difference = yo - calculated[i]!;
    const net = yo - background[i]!;
    const weighted = difference * Math.sqrt(w);
    chi2 += weighted * weighted;
    sumObserved2 += w * yo * yo;
    sumNet2 += w * net * net;
    absolute += Math.abs(difference);
    sumObserved += Math.abs(yo);
    if (!Number.isNaN(previous)) serial += (weighted - previous) ** 2;
    previous = weighted;
    points++;
  }
  const free = Math.max(1, points - parameters);
  return {
    rwp_percent: 100 * Math.sqrt(chi2 / sumObserved2),
    rp_percent: (100 * absolute) / sumObserved,
    rexp_percent: 100 * Math.sqrt(free / sumObserved2),
    rwpBackgroundCorrected_percent: 100 * Math.sqrt(chi2 / sumNet2),
    gof: Math.sqrt(chi2 / free),
    chi2,
    points,
    parameters,
    durbinWatson: chi2 > 0 ? serial / chi2 : 2,
  };
}
