import type { SeriesAlignment } from './align-scans.js';
import type { Merged, ScanReport } from './merge.js';

/** A drift beyond this part of the narrowest feature broadens what is merged. */
const BROADENING = 0.1;

/** What a user must know about repeated scans that were merged, one sentence each; empty where all is well. */
export function scanRemarks(
  { scans }: Merged,
  { alignment, width_eV }: { alignment: SeriesAlignment | null; width_eV: number },
): string[] {
  const remarks: string[] = [];
  for (const scan of scans.filter(({ outlier }) => outlier))
    remarks.push(
      `scan ${scan.label} does not belong to the others (${reasonOf(scan)}) and ${scan.weight > 0 ? 'is part of the mean all the same' : 'is left out'}`,
    );
  const unaligned = alignment?.shifts_eV.flatMap((shift, k) => (shift ? [] : [scans[k]!.label])) ?? [];
  if (unaligned.length > 0) remarks.push(`could not be aligned: ${unaligned.join(', ')}`);
  const drifting = scans.filter(
    ({ drift_eV: { value, sigma }, outlier }) =>
      !outlier && Math.abs(value) > 4 * sigma && Math.abs(value) > BROADENING * width_eV,
  );
  if (drifting.length > 0)
    remarks.push(
      `the energy axis drifts between scans, which broadens their mean: ${drifting.map(({ label, drift_eV }) => `${label} by ${drift_eV.value.toFixed(2)} eV`).join(', ')}${alignment ? '' : ' (they can be aligned)'}`,
    );
  for (const { label, glitches } of scans)
    if (glitches.length > 0)
      remarks.push(
        `scan ${label}: no weight for ${glitches.map(({ energy_eV }) => `${energy_eV.toFixed(2)} eV`).join(', ')}, where points stand out that no edge can make`,
      );
  return remarks;
}

const reasonOf = ({ gain, misfit }: ScanReport): string =>
  misfit > 4
    ? `${misfit.toFixed(1)} times the variance that noise explains`
    : `its signal is ${gain.value.toFixed(2)} times theirs`;
