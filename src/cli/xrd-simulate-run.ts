import { extname } from 'node:path';
import { InputError } from '../errors.js';
import { writeFileAtomic } from '../formats/atomic.js';
import { openInput, stemOf } from '../formats/input.js';
import { formatPattern } from '../formats/pattern.js';
import { resolvePhase } from '../formats/phase.js';
import { parseQuantity } from '../formats/quantity.js';
import type { Integration } from '../measurement.js';
import { formatFormula } from '../reference/formula.js';
import { builtInPhase, builtInPhaseNames, findBuiltInPhase } from '../xrd/built-in-phases.js';
import { cellVolume_A3 } from '../xrd/cell.js';
import { findLine, type LineTable } from '../xrd/line-table.js';
import {
  angleGrid,
  type SimulatedPattern,
  type SimulationOptions,
  simulatePattern,
  widthToW,
} from '../xrd/simulate-pattern.js';
import { compositionOf, densityOf_g_cm3, type PhaseStructure } from '../xrd/structure.js';
import { SUBSTITUTION_KINDS, substitute, type SubstitutionKind } from '../xrd/substitution.js';
import { textTable } from './table.js';

export interface SimulateFlags {
  wavelength?: string;
  integration?: Integration;
  range: string;
  x?: string;
  site: string;
  fwhm: string;
  size?: string;
  strain?: string;
  texture?: string;
  zero?: string;
  asymmetry?: string;
  monochromator?: string;
  b?: string[];
  formFactors: 'waasmaier-kirfel' | 'itc' | 'neutral';
  dispersion: boolean;
  lines?: string[];
  out: string[];
  list?: boolean;
  json?: boolean;
}

/** One pattern of the request. */
interface Case {
  site: SubstitutionKind | null;
  amount: number;
  formula: string;
  pattern: SimulatedPattern;
}

export async function runXrdSimulate(names: string[], flags: SimulateFlags): Promise<void> {
  if (flags.list) return listPhases(flags.json ?? false);
  if (names.length === 0)
    throw new InputError(
      'no phase is named',
      null,
      "give built-in names or CIF files; 'interphase xrd simulate --list' shows the names",
    );
  const phases = names.map(readPhase);
  const options = simulationOptions(flags);
  for (const path of flags.out) outputKind(path);
  const cases = simulateCases(phases, flags, options);
  for (const path of flags.out) await writeOutput(path, cases, phases[0]!.structure.name);
  if (flags.json) console.log(JSON.stringify(asJson(cases, options), null, 2));
  else console.log(cases.length === 1 ? lineTable(cases[0]!, flags) : seriesTable(cases, flags));
  for (const path of flags.out) console.error(`wrote ${path}`);
}

function simulateCases(
  phases: { structure: PhaseStructure; weight: number }[],
  flags: SimulateFlags,
  options: SimulationOptions,
): Case[] {
  const [first] = phases;
  const requests: { site: SubstitutionKind | null; amount: number }[] =
    flags.x === undefined
      ? [{ site: null, amount: 0 }]
      : sitesOf(flags.site).flatMap((site) => amountsOf(flags.x!).map((amount) => ({ site, amount })));
  const texture = flags.texture === undefined ? undefined : textureOf(flags.texture);
  return requests.map(({ site, amount }) => {
    const simulated = phases.map((phase, i) => ({
      ...phase,
      ...(i === 0 && site ? { substitution: { kind: site }, amount } : {}),
      ...(i === 0 && texture ? { texture } : {}),
      ...(flags.size === undefined ? {} : { size_um: numberOf(flags.size, '--size', 1e-4, 1e4) }),
      ...(flags.strain === undefined ? {} : { microstrain: numberOf(flags.strain, '--strain', 0, 1e6) }),
    }));
    const doped = site ? substitute(first!.structure, { kind: site }, amount) : first!.structure;
    return {
      site,
      amount,
      formula: formatFormula(compositionOf(doped)),
      pattern: simulatePattern(simulated, options),
    };
  });
}

// ---------------------------------------------------------------- what was asked for

function readPhase(given: string): { structure: PhaseStructure; weight: number } {
  const [, name, weight] = /^(.*?)(?:=([\d.]+))?$/.exec(given)! as unknown as [
    string,
    string,
    string | undefined,
  ];
  const share = weight === undefined ? 1 : numberOf(weight, `the weight of ${name}`, 0, Number.MAX_VALUE);
  if (findBuiltInPhase(name)) return { structure: builtInPhase(name), weight: share };
  if (!/\.(cif|mcif)(\.gz)?$/i.test(name))
    throw new InputError(
      `'${name}' is neither a built-in phase nor a CIF`,
      null,
      `built in are ${builtInPhaseNames().join(', ')}`,
    );
  const file = openInput(name);
  const { structure, warnings } = resolvePhase({
    name: stemOf(name),
    cif: new TextDecoder().decode(file.bytes),
  });
  for (const warning of warnings) console.error(`${name}: ${warning}`);
  return { structure, weight: share };
}

function simulationOptions(flags: SimulateFlags): SimulationOptions {
  if (flags.wavelength === undefined)
    throw new InputError('no wavelength is given', null, "add --wavelength '1.2398 angstrom' or '10 keV'");
  if (flags.integration === undefined)
    throw new InputError(
      'no integration is given',
      null,
      'add --integration mean-per-pixel, sum-over-ring or lab: it decides the Lorentz-polarisation factor',
    );
  const wavelength = parseQuantity(flags.wavelength, 'wavelength');
  if ('fault' in wavelength) throw new InputError(`--wavelength: ${wavelength.fault}`, null, wavelength.cure);
  const [from, to, step = 0.02] = flags.range.split(':').map((part) => numberOf(part, '--range', 0, 180));
  if (from === undefined || to === undefined)
    throw new InputError('--range takes from:to:step', null, 'for example 10:45:0.02');
  return {
    wavelength_A: wavelength.value,
    integration: flags.integration,
    twoTheta_deg: angleGrid(from, to, step),
    widths: { W: widthToW(numberOf(flags.fwhm, '--fwhm', 1e-3, 20)) },
    formFactors: flags.formFactors,
    dispersion: flags.dispersion,
    ...displacementOf(flags.b),
    ...(flags.zero === undefined ? {} : { zero_deg: numberOf(flags.zero, '--zero', -2, 2) }),
    ...(flags.asymmetry === undefined ? {} : { asymmetry: numberOf(flags.asymmetry, '--asymmetry', 0, 0.5) }),
    ...(flags.monochromator === undefined
      ? {}
      : { monochromatorTwoTheta_deg: numberOf(flags.monochromator, '--monochromator', 0, 180) }),
  };
}

function displacementOf(given: string[] | undefined): Pick<SimulationOptions, 'debyeWaller' | 'B_A2'> {
  if (!given) return {};
  if (given.length === 1 && given[0] === '0') return { debyeWaller: 'none' };
  const pairs = given
    .flatMap((part) => part.split(','))
    .map((part) => {
      const [, element, value] = /^([A-Z][a-z]?)=([\d.]+)$/.exec(part) ?? [];
      if (!element)
        throw new InputError(`--b: '${part}' is not element=B`, null, 'for example --b Li=3 Cl=1.8');
      return [element, numberOf(value!, '--b', 0, 50)] as const;
    });
  return { B_A2: Object.fromEntries(pairs) };
}

const SITE_NAMES: Record<string, SubstitutionKind> = { '6h': 'in-on-6h', '6g': 'in-on-6g', y: 'in-on-y' };

const sitesOf = (text: string): SubstitutionKind[] =>
  text.split(',').map((given) => {
    const name = given.trim().toLowerCase();
    const kind = SITE_NAMES[name] ?? SUBSTITUTION_KINDS.find((k) => k === name);
    if (!kind)
      throw new InputError(
        `--site: '${given}' is no site`,
        null,
        'known are 6h, 6g, y, y-migration, y-disorder, li-removed',
      );
    return kind;
  });

function amountsOf(text: string): number[] {
  const range = /^([^:]+):([^:]+):([^:]+)$/.exec(text);
  if (!range) return text.split(',').map((part) => numberOf(part, '--x', -1, 10));
  const [from, to, step] = range.slice(1).map((part) => numberOf(part, '--x', -1, 10)) as [
    number,
    number,
    number,
  ];
  const count = Math.round((to - from) / step) + 1;
  if (!(step > 0 && count >= 1 && count <= 200))
    throw new InputError(`--x: '${text}' is no range`, null, 'for example 0.1:0.8:0.1');
  return Array.from({ length: count }, (_, i) => Number((from + i * step).toFixed(9)));
}

function textureOf(text: string): { r: number; axis: [number, number, number] } {
  const match = /^(-?\d+),(-?\d+),(-?\d+):([\d.]+)$/.exec(text);
  if (!match) throw new InputError(`--texture: '${text}' cannot be read`, null, 'for example 0,0,1:0.9');
  return {
    axis: [Number(match[1]), Number(match[2]), Number(match[3])],
    r: numberOf(match[4]!, '--texture', 0.05, 20),
  };
}

function numberOf(text: string, option: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= min && value <= max))
    throw new InputError(`${option}: '${text}' is not a number from ${min} to ${max}`);
  return value;
}

// ---------------------------------------------------------------- what is printed

function listPhases(json: boolean): void {
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

function lineTable(one: Case, flags: SimulateFlags): string {
  const strongest = Math.max(...one.pattern.lines.map(({ area }) => area));
  const wanted = flags.lines?.flatMap((text) => text.split(/[\s]+(?![\d-])/));
  const rows = one.pattern.lines
    .filter(({ area, hkl }) => (wanted ? wanted.includes(hklName(hkl)) : area > 0.005 * strongest))
    .map((line) => {
      const { table } = one.pattern.phases.find(({ name }) => name === line.phase)!;
      const families = table.families[line.line]!;
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

function seriesTable(cases: Case[], flags: SimulateFlags): string {
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
  const header = lines.map((line) => hklName(table.families[line]![0]!.hkl));
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

const asJson = (cases: Case[], options: SimulationOptions): unknown => ({
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

// ---------------------------------------------------------------- files

type OutputKind = 'csv' | 'xye' | 'svg' | 'png';

function outputKind(path: string): OutputKind {
  const ending = extname(path).slice(1).toLowerCase();
  if (ending === 'csv' || ending === 'xye' || ending === 'svg' || ending === 'png') return ending;
  throw new InputError(
    `--out: '${path}' has no ending that can be written`,
    null,
    'use .csv, .xye, .svg or .png',
  );
}

async function writeOutput(path: string, cases: Case[], phase: string): Promise<void> {
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
  const { simulatedPatterns } = await import('../report/figures/simulated-patterns.js');
  const svg = simulatedPatterns(seriesOf(cases, phase)).draw();
  if (kind === 'svg') return writeFileAtomic(path, svg);
  const { toPng } = await import('../report/drawing/raster.js');
  return writeFileAtomic(path, await toPng(svg));
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
