import { extname } from 'node:path';
import { InputError } from '../../errors.js';
import { formatPattern } from '../../formats/patterns/pattern.js';
import type { SubstitutionKind } from '../../xrd/crystal/substitution.js';
import { type FigureEnding, figureAs, figureEnding } from '../loose-figures.js';
import { writeTold } from '../write-file.js';
import type { Case } from './simulate-tables.js';

type Ending = '.csv' | '.xye' | FigureEnding;

function endingOf(path: string): Ending {
  const ending = extname(path).toLowerCase();
  if (ending === '.csv' || ending === '.xye') return ending;
  return figureEnding(path, 'use .csv or .xye for the patterns, .svg, .png or .pdf for the figure');
}

/** Before anything is computed. Throws InputError for a file that cannot be written. */
export function checkOutputs(paths: string[], patterns: number): void {
  for (const path of paths)
    if (endingOf(path) === '.xye' && patterns > 1)
      throw new InputError(
        `--out ${path}: an .xye file holds one pattern, there are ${patterns}`,
        null,
        'write a .csv',
      );
}

export async function writeOutput(path: string, cases: Case[], phase: string): Promise<void> {
  await writeTold(path, await contentOf(endingOf(path), cases, phase));
}

async function contentOf(ending: Ending, cases: Case[], phase: string): Promise<string | Uint8Array> {
  if (ending === '.csv') return csvOf(cases);
  if (ending === '.xye') {
    const { twoTheta_deg, intensity } = cases[0]!.pattern;
    const sigma = intensity.map((y) => Math.sqrt(Math.max(y, 1)));
    return formatPattern({ label: phase, twoTheta_deg, intensity, sigma });
  }
  const { simulatedPatterns } = await import('../../report/figures/simulated-patterns.js');
  return figureAs(simulatedPatterns(seriesOf(cases, phase)), ending);
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
