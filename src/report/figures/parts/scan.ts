import type { LineScanCurves, LineScanResult, ResultBundle } from '../../../result.js';

/** The numbers that belong to the curves of a line scan: same place in the list, or else same name. */
export function resultOf(bundle: ResultBundle, scan: LineScanCurves): LineScanResult | undefined {
  const samePlace = bundle.result.lineScans[bundle.lineScans.indexOf(scan)];
  return samePlace?.name === scan.name
    ? samePlace
    : bundle.result.lineScans.find(({ name }) => name === scan.name);
}

/** Profiles of phase amounts are drawn in one figure of their own. */
export const isFraction = ({ name, unit }: { name: string; unit: string }): boolean =>
  /fraction|amount of|share of|wt|weight/i.test(name) || /fraction|wt/i.test(unit);

const HYPOTHESES: Record<string, string> = {
  'in-on-6h': 'In on Li (6h)',
  'in-on-6g': 'In on Li (6g)',
  'in-on-y': 'In on Y',
  'y-migration': 'Y on Li (migration)',
  none: 'no change',
};
export const hypothesisName = (name: string): string => HYPOTHESES[name] ?? name;

/** Line scans that are lines: a single pattern has no profile. */
export const alongLine = (bundle: ResultBundle): LineScanCurves[] =>
  bundle.lineScans.filter(({ patterns }) => patterns.length > 1);
