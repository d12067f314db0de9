import { extname } from 'node:path';
import { InputError } from '../../errors.js';
import { writeFileAtomic } from '../../formats/common/atomic.js';
import { formatPattern } from '../../formats/patterns/pattern.js';
import type { SubstitutionKind } from '../../xrd/crystal/substitution.js';
import { figureAs } from '../loose-figures.js';
import type { Case } from './simulate-tables.js';

type OutputKind = 'csv' | 'xye' | 'svg' | 'png';

export function outputKind(path: string): OutputKind {
  const ending = extname(path).slice(1).toLowerCase();
  if (ending === 'csv' || ending === 'xye' || ending === 'svg' || ending === 'png') return ending;
  throw new InputError(
    `--out: '${path}' has no ending that can be written`,
    null,
    'use .csv, .xye, .svg or .png',
  );
}

export async function writeOutput(path: string, cases: Case[], phase: string): Promise<void> {
  const kind = outputKind(path);
  if (kind === 'csv') return writeFileAtomic(path, csvOf(cases));
  if (kind === 'xye') {
    if (cases.length > 1)
      throw new InputError(
        `--out ${path}: an .xye file holds one pattern, there are ${cases.length}`,
        null,
        'write a .csv',
      );
    const { twoTheta_deg, intensity } = cases[0]!.pattern;
    const sigma = intensity.map((y) => Math.sqrt(Math.max(y, 1)));
    return writeFileAtomic(path, formatPattern({ label: phase, twoTheta_deg, intensity, sigma }));
  }
  const { simulatedPatterns } = await import('../../report/figures/simulated-patterns.js');
  return writeFileAtomic(path, await figureAs(simulatedPatterns(seriesOf(cases, phase)), `.${kind}`));
}

const labelOf = ({ site, amount }: Case, phase: string): string => (site ? `${site} ${amount}` : phase);

function csvOf(cases: Case[]): string {
  const angles = cases[0]!.pattern.twoTheta_deg;
  const rows = [...angles].map((angle, i) =>
    [angle.toFixed(5), ...cases.map(({ pattern }) => pattern.intensity[i]!.toPrecision(7))].join(','),
  );
  const header = [
    'two_theta_deg',
    ...cases.map((one) => labelOf(one, 'intensity').replaceAll(' ', '_')),
  ].join(',');
  return `${[header, ...rows].join('\n')}\n`;
}

const HEADINGS: Record<SubstitutionKind, string> = {
  'in-on-6h': 'In on Li 6h',
  'in-on-6g': 'In on Li 6g',
  'in-on-y': 'In on Y',
  'y-migration': 'Y and Li 6h exchanged',
  'li-removed': 'Li removed',
  'y-disorder': 'Y moved from Y2 to Y3',
};

function seriesOf(cases: Case[], phase: string) {
  const sites = [...new Set(cases.map(({ site }) => site))];
  return sites.map((site) => ({
    heading: site ? `${phase}: ${HEADINGS[site]}` : phase,
    patterns: cases
      .filter((one) => one.site === site)
      .map((one) => ({
        label: site ? `x = ${one.amount}` : '',
        twoTheta_deg: one.pattern.twoTheta_deg,
        intensity: one.pattern.intensity,
      })),
  }));
}
