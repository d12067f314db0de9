import { InputError } from '../../errors.js';
import { builtInPhase, builtInPhaseNames } from '../../xrd/crystal/built-in-phases.js';
import { cellVolume_A3 } from '../../xrd/crystal/cell.js';
import { densityOf_g_cm3 } from '../../xrd/crystal/composition.js';
import { findLine, type LineTable, lineFamilies } from '../../xrd/crystal/line-table.js';
import type { SubstitutionKind } from '../../xrd/crystal/substitution.js';
import type { SimulatedPattern, SimulationOptions } from '../../xrd/pattern/simulate-pattern.js';
import { textTable } from '../table.js';
import type { SimulateFlags } from './simulate-flags.js';

/** One pattern of the request. */
export interface Case {
  site: SubstitutionKind | null;
  amount: number;
  formula: string;
  pattern: SimulatedPattern;
}

export function listPhases(json: boolean): void {
  const rows = builtInPhaseNames().map((name) => {
    const s = builtInPhase(name);
    return {
      name,
      space_group: s.spaceGroup.symbol,
      cell: s.cell,
      formula_units: s.formulaUnits,
      volume_A3: cellVolume_A3(s.cell),
      density_g_cm3: densityOf_g_cm3(s),
      source: s.source,
    };
  });
  if (json) console.log(JSON.stringify(rows, null, 2));
  else
    console.log(
      textTable(
        ['phase', 'group', 'Z', 'g/cm3', 'source'],
        rows.map((r) => [
          r.name,
          r.space_group,
          String(r.formula_units),
          r.density_g_cm3.toFixed(3),
          r.source,
        ]),
      ),
    );
}

const hklName = (hkl: readonly number[]): string =>
  hkl.some((i) => i < 0 || i > 9) ? hkl.join(' ') : hkl.join('');

/** Integrated intensity of every line of one phase of a case. */
function areasOf({ pattern }: Case, phase: string): Map<number, number> {
  return new Map(pattern.lines.filter((l) => l.phase === phase).map((l) => [l.line, l.area]));
}

export function lineTable(one: Case, flags: SimulateFlags): string {
  const strongest = Math.max(...one.pattern.lines.map(({ area }) => area));
  const wanted = flags.lines?.flatMap((text) => text.split(/[\s]+(?![\d-])/));
  const rows = one.pattern.lines
    .filter(({ area, hkl }) => (wanted ? wanted.includes(hklName(hkl)) : area > 0.005 * strongest))
    .map((line) => {
      const { table } = one.pattern.phases.find(({ name }) => name === line.phase)!;
      const families = lineFamilies(table)[line.line]!;
      return [
        line.phase,
        families.map(({ hkl }) => hklName(hkl)).join(' + '),
        line.twoTheta_deg.toFixed(3),
        table.d_A[line.line]!.toFixed(4),
        String(table.multiplicity[line.line]!),
        (table.i0[line.line]! / table.multiplicity[line.line]!).toFixed(0),
        ((100 * line.area) / strongest).toFixed(2),
      ];
    });
  const heading = one.site ? `${one.formula} (${one.site}, ${one.amount})\n\n` : '';
  return heading + textTable(['phase', 'hkl', '2theta', 'd', 'm', '|F|2', 'I'], rows);
}

export function seriesTable(cases: Case[], flags: SimulateFlags): string {
  const { name, table } = cases[0]!.pattern.phases[0]!;
  const lines = chosenLines(cases[0]!, name, table, flags.lines);
  const rows = cases.map((one) => {
    const areas = areasOf(one, name);
    const reference = Math.max(...areas.values());
    return [
      one.site!,
      String(one.amount),
      one.formula,
      ...lines.map((line) => ((100 * (areas.get(line) ?? 0)) / reference).toFixed(1)),
    ];
  });
  const header = lines.map((line) => hklName(lineFamilies(table)[line]![0]!.hkl));
  return textTable(['site', 'x', 'formula', ...header], rows);
}

function chosenLines(one: Case, phase: string, table: LineTable, asked: string[] | undefined): number[] {
  if (asked)
    return asked.map((text) => {
      const digits = /[\s,]/.test(text)
        ? text.split(/[\s,]+/).map(Number)
        : [...text.matchAll(/-?\d/g)].map(([d]) => Number(d));
      const line = digits.length === 3 ? findLine(table, digits[0]!, digits[1]!, digits[2]!) : -1;
      if (line < 0) throw new InputError(`--lines: ${phase} has no line '${text}' in this range`);
      return line;
    });
  const areas = [...areasOf(one, phase)].sort((a, b) => b[1] - a[1]).slice(0, 8);
  return areas.map(([line]) => line).sort((a, b) => table.twoTheta_deg[a]! - table.twoTheta_deg[b]!);
}

export const asJson = (cases: Case[], options: SimulationOptions): unknown => ({
  wavelength_A: options.wavelength_A,
  integration: options.integration,
  patterns: cases.map(({ site, amount, formula, pattern }) => ({
    site,
    amount,
    formula,
    phases: pattern.phases.map(({ name, weightFraction }) => ({ name, weight_fraction: weightFraction })),
    lines: pattern.lines.map(({ phase, hkl, twoTheta_deg, area, fwhm_deg }) => ({
      phase,
      hkl,
      twoTheta_deg,
      area,
      fwhm_deg,
    })),
  })),
});
