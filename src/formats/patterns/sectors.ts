/** Azimuthal sectors of diffraction rings, averaged; their scatter, which holds the grain statistics, is the uncertainty. */

export interface Taken {
  intensity: Float64Array;
  sigma: Float64Array | null;
}

/** Bins in a row along the radius that must hold nothing before they count as empty: a few may do so by chance. */
const SHORTEST_GAP = 5;

/**
 * Bins of each sector that no pixel of the detector falls into. Programs write zeros there (pyFAI unless it is told
 * otherwise), which are no measured ones: they are zero in every frame, and so are their neighbours along the radius.
 */
export function emptyBins(frames: (() => Float64Array[])[]): Uint8Array[] {
  let filled: Uint8Array[] = [];
  for (const sectorsOf of frames) {
    const sectors = sectorsOf();
    if (filled.length === 0) filled = sectors.map(({ length }) => new Uint8Array(length));
    sectors.forEach((sector, k) => {
      const own = filled[k]!;
      for (let i = 0; i < own.length; i++) if (sector[i] !== 0) own[i] = 1;
    });
  }
  return filled.map(longGaps);
}

/** 1 where at least five zeros stand in a row. */
function longGaps(filled: Uint8Array): Uint8Array {
  const empty = new Uint8Array(filled.length);
  for (let i = 0; i < filled.length; ) {
    let end = i;
    while (end < filled.length && filled[end] === 0) end++;
    if (end - i >= SHORTEST_GAP) empty.fill(1, i, end);
    i = end + 1;
  }
  return empty;
}

/** Mean over sectors and its standard error, sqrt(sum (y - mean)^2 / n (n - 1)); masked sectors are NaN. */
export function meanOfSectors(sectors: Float64Array[], empty: Uint8Array[]): Taken {
  const intensity = new Float64Array(sectors[0]!.length);
  const sigma = new Float64Array(intensity.length);
  for (let i = 0; i < intensity.length; i++) {
    const seen = sectors.flatMap((sector, k) =>
      Number.isFinite(sector[i]) && empty[k]![i] === 0 ? [sector[i]!] : [],
    );
    const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length;
    const square = seen.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    intensity[i] = mean;
    sigma[i] = seen.length > 1 ? Math.sqrt(square / (seen.length * (seen.length - 1))) : Number.NaN;
  }
  return { intensity, sigma };
}
