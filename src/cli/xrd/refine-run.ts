import { InputError, messageOf } from '../../errors.js';
import { writeFileAtomic } from '../../formats/common/atomic.js';
import { openInput, stemOf } from '../../formats/common/input.js';
import { parseQuantity } from '../../formats/common/quantity.js';
import { resolvePhase } from '../../formats/crystal/phase.js';
import { readPattern } from '../../formats/patterns/pattern.js';
import type { Integration, Pattern } from '../../measurement.js';
import { builtInPhaseNames, findBuiltInPhase } from '../../xrd/crystal/built-in-phases.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import type { SubstitutionKind } from '../../xrd/crystal/substitution.js';
import type { Wavelength } from '../../xrd/pattern/pattern-model.js';
import type { PhaseLines } from '../../xrd/pattern/phase-lines.js';
import { TUBES, tubeWavelengths } from '../../xrd/pattern/radiation.js';
import { refinablePhase } from '../../xrd/pattern/refinable-phase.js';
import { leBailFit } from '../../xrd/refine/le-bail.js';
import type { PatternFit } from '../../xrd/refine/pattern-fit.js';
import type { RefineOptions } from '../../xrd/refine/refine-options.js';
import { DEFAULT_REFINE } from '../../xrd/refine/refine-options.js';
import { refinePattern } from '../../xrd/refine/refine-pattern.js';
import { exitStatus } from '../exit.js';
import { plusMinus, textTable } from '../table.js';

export interface RefineFlags {
  phase: string[];
  wavelength?: string;
  integration?: Integration;
  refine?: string[];
  set?: string[];
  background: string;
  range?: string;
  exclude?: string[];
  dopant?: string;
  site: '6h' | '6g' | 'y';
  migration?: boolean;
  sites?: string[];
  texture?: string[];
  monochromator?: string;
  lineScatter?: boolean;
  leBail?: boolean;
  search: boolean;
  out?: string;
  json?: boolean;
}

export async function runXrdRefine(files: string[], flags: RefineFlags): Promise<void> {
  const wavelengths = wavelengthsOf(flags.wavelength);
  if (flags.phase.length === 0)
    throw new InputError(
      'no phase is named',
      null,
      "add --phase Li3YCl6 or --phase mine.cif; 'interphase xrd simulate --list' shows the names",
    );
  const structures = flags.phase.map(readStructure);
  const options = refineOptions(flags, wavelengths);
  const fits: PatternFit[] = [];
  let failed = 0;
  for (const file of files) {
    try {
      const { pattern, warnings } = readPattern(file, wavelengths[0]!.lambda_A);
      for (const warning of warnings) console.error(`${file}: ${warning}`);
      const phases = structures.map((structure) => preparePhase(structure, pattern, wavelengths, flags));
      fits.push(flags.leBail ? leBailFit(pattern, phases, options) : refinePattern(pattern, phases, options));
    } catch (thrown) {
      if (files.length === 1 || !(thrown instanceof InputError)) throw thrown;
      console.error(`interphase: ${messageOf(thrown)}`);
      failed++;
    }
  }
  if (fits.length === 0) throw new InputError('none of the patterns could be refined');
  if (flags.out) await writeCurves(flags.out, fits);
  if (flags.json) console.log(JSON.stringify(fits.map(asJson), null, 2));
  else console.log(fits.length === 1 ? oneReport(fits[0]!) : seriesTable(fits));
  if (failed > 0) process.exitCode = exitStatus.partial;
}

// ---------------------------------------------------------------- what was asked for

function wavelengthsOf(text: string | undefined): Wavelength[] {
  if (text === undefined)
    throw new InputError(
      'no wavelength is given',
      null,
      "add --wavelength '1.2398 angstrom', '10 keV' or 'Cu Ka'",
    );
  const tube = tubeWavelengths(text);
  if (tube) return tube;
  const quantity = parseQuantity(text, 'wavelength');
  if ('fault' in quantity)
    throw new InputError(
      `--wavelength: ${quantity.fault}`,
      null,
      `${quantity.cure}, or name a tube (${TUBES.join(', ')}): 'Cu Ka'`,
    );
  return [{ lambda_A: quantity.value, weight: 1 }];
}

function readStructure(given: string): PhaseStructure {
  const builtIn = findBuiltInPhase(given);
  if (builtIn) return builtIn;
  if (!/\.(cif|mcif)(\.gz)?$/i.test(given))
    throw new InputError(
      `'${given}' is neither a built-in phase nor a CIF`,
      null,
      `built in are ${builtInPhaseNames().join(', ')}`,
    );
  const { structure, warnings } = resolvePhase({
    name: stemOf(given),
    cif: new TextDecoder().decode(openInput(given).bytes),
  });
  for (const warning of warnings) console.error(`${given}: ${warning}`);
  return structure;
}

const SITES: Record<RefineFlags['site'], SubstitutionKind> = {
  '6h': 'in-on-6h',
  '6g': 'in-on-6g',
  y: 'in-on-y',
};

function preparePhase(
  structure: PhaseStructure,
  { twoTheta_deg }: Pattern,
  wavelengths: Wavelength[],
  flags: RefineFlags,
): PhaseLines {
  const substitutions: {
    name: string;
    substitution: { kind: SubstitutionKind; dopant?: { element: string; charge: number } };
  }[] = [];
  const [element, into] = flags.dopant?.split(':') ?? [];
  if (flags.dopant !== undefined && !into)
    throw new InputError(`--dopant: '${flags.dopant}' cannot be read`, null, 'for example In:Li3YCl6');
  if (element && into === structure.name)
    substitutions.push({
      name: 'x',
      substitution: { kind: SITES[flags.site], dopant: { element, charge: 3 } },
    });
  if (flags.migration && (into ?? 'Li3YCl6') === structure.name)
    substitutions.push({ name: 'y_migration', substitution: { kind: 'y-migration' } });
  const prefix = `${structure.name}.`;
  const sites =
    flags.sites?.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)) ?? [];
  return refinablePhase(structure, {
    wavelength_A: wavelengths[0]!.lambda_A,
    twoThetaMin_deg: Math.max(0.5, twoTheta_deg[0]! - 3),
    twoThetaMax_deg: Math.min(179, twoTheta_deg[twoTheta_deg.length - 1]! + 3),
    substitutions,
    sites,
  });
}

function refineOptions(flags: RefineFlags, wavelengths: Wavelength[]): RefineOptions {
  if (flags.integration === undefined)
    throw new InputError(
      'no integration is given',
      null,
      'add --integration mean-per-pixel, sum-over-ring or lab: it decides the Lorentz-polarisation factor',
    );
  const known = flags.phase.map((name) => findBuiltInPhase(name)?.name ?? stemOf(name));
  const into = flags.dopant?.split(':')[1];
  if (into && !known.includes(into))
    throw new InputError(
      `--dopant: '${into}' is not one of the phases`,
      null,
      `they are ${known.join(', ')}`,
    );
  for (const name of flags.sites ?? [])
    if (!known.some((phase) => name.startsWith(`${phase}.`)))
      throw new InputError(`--sites: '${name}' names no phase`, null, `the phases are ${known.join(', ')}`);
  return {
    wavelengths,
    lorentzPolarisation: {
      integration: flags.integration,
      ...(flags.monochromator === undefined
        ? {}
        : { monochromatorTwoTheta_deg: numberOf(flags.monochromator, '--monochromator', 0, 180) }),
    },
    refine: flags.refine ?? DEFAULT_REFINE,
    values: Object.fromEntries((flags.set ?? []).map(setting)),
    backgroundTerms: Math.round(numberOf(flags.background, '--background', 1, 40)),
    ...(flags.range === undefined ? {} : { range_deg: rangeOf(flags.range, '--range') }),
    exclude_deg: (flags.exclude ?? []).map((text) => rangeOf(text, '--exclude')),
    textureAxes: Object.fromEntries((flags.texture ?? []).map(textureAxis)),
    lineScatter: flags.lineScatter ? 'estimate' : 'off',
    search: flags.search,
  };
}

function setting(text: string): [string, number] {
  const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!name || !value || !Number.isFinite(Number(value)))
    throw new InputError(`--set: '${text}' is not name=value`, null, 'for example W=20');
  return [name, Number(value)];
}

function rangeOf(text: string, option: string): [number, number] {
  const [low, high, ...rest] = text.split(':').map(Number);
  if (rest.length > 0 || !(high! > low!))
    throw new InputError(`${option}: '${text}' is not from:to`, null, 'two angles in degrees, e.g. 11:45');
  return [low!, high!];
}

function textureAxis(text: string): [string, [number, number, number]] {
  const [, phase, h, k, l] = /^(.+):(-?\d+),(-?\d+),(-?\d+)$/.exec(text) ?? [];
  if (!phase) throw new InputError(`--texture: '${text}' cannot be read`, null, 'for example Li3YCl6:0,0,1');
  return [phase, [Number(h), Number(k), Number(l)]];
}

function numberOf(text: string, option: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= min && value <= max))
    throw new InputError(`${option}: '${text}' is not a number from ${min} to ${max}`);
  return value;
}

// ---------------------------------------------------------------- what is printed

function oneReport(fit: PatternFit): string {
  const { r } = fit;
  const phases = textTable(
    ['phase', 'scale', 'weight %', 'a', 'b', 'c', 'R Bragg', 'composition'],
    fit.phases.map((phase) => [
      phase.name,
      phase.present ? plusMinus(phase.scale) : 'not found',
      phase.present && phase.weightFraction ? plusMinus(percent(phase.weightFraction)) : '',
      ...[0, 1, 2].map((i) => plusMinus({ value: phase.cell[i]!, sigma: phase.cellSigma[i]! })),
      phase.rBragg_percent === null ? '' : phase.rBragg_percent.toFixed(2),
      Object.entries(phase.composition)
        .flatMap(([name, v]) => (v ? [`${name} = ${plusMinus(v)}${v.atBound ? ' (at its bound)' : ''}`] : []))
        .join(', '),
    ]),
  );
  const parameters = textTable(
    ['parameter', 'value'],
    fit.parameters
      .filter(({ varied, name }) => varied && !name.startsWith('background'))
      .map((p) => [p.name, `${plusMinus(p)}${p.atBound ? ' (at its bound)' : ''}`]),
  );
  const scatter = fit.phases.flatMap(({ name, lineScatter }) =>
    lineScatter === null ? [] : [`${name} ${(100 * lineScatter).toFixed(1)} %`],
  );
  return [
    `${fit.label}: ${fit.reason} (${fit.iterations} iterations)`,
    `Rwp ${r.rwp_percent.toFixed(2)} %  Rp ${r.rp_percent.toFixed(2)} %  Rexp ${r.rexp_percent.toFixed(2)} %  GOF ${r.gof.toFixed(3)}  Durbin-Watson ${r.durbinWatson.toFixed(2)}  (${r.points} points, ${r.parameters} parameters)`,
    `noise: ${fit.noise}`,
    ...(scatter.length > 0 ? [`scatter of line intensities beyond counting: ${scatter.join(', ')}`] : []),
    '',
    phases,
    '',
    parameters,
    ...strongCorrelations(fit),
    ...fit.notes.map((note) => `note: ${note}`),
  ].join('\n');
}

const percent = ({ value, sigma }: { value: number; sigma: number }): { value: number; sigma: number } => ({
  value: 100 * value,
  sigma: 100 * sigma,
});

function strongCorrelations({ correlated, correlation }: PatternFit): string[] {
  const strong: string[] = [];
  const n = correlated.length;
  for (let i = 0; i < n; i++)
    for (let k = 0; k < i; k++) {
      const value = correlation[i * n + k]!;
      if (Math.abs(value) > 0.9 && !/^background/.test(correlated[i]!) && !/^background/.test(correlated[k]!))
        strong.push(`${correlated[k]} and ${correlated[i]} ${value.toFixed(2)}`);
    }
  return strong.length > 0 ? ['', `correlations above 0.9: ${strong.join('; ')}`] : [];
}

function seriesTable(fits: PatternFit[]): string {
  const names = fits[0]!.phases.map(({ name }) => name);
  const rows = fits.map((fit) => [
    fit.label,
    fit.r.rwp_percent.toFixed(2),
    fit.r.gof.toFixed(2),
    ...fit.phases.map((phase) =>
      phase.present && phase.weightFraction ? plusMinus(percent(phase.weightFraction)) : '–',
    ),
    fit.phases
      .flatMap(({ composition }) => Object.entries(composition))
      .flatMap(([name, v]) => (v ? [`${name} = ${plusMinus(v)}`] : []))
      .join(', '),
    fit.converged ? '' : fit.reason,
  ]);
  return textTable(['pattern', 'Rwp', 'GOF', ...names.map((name) => `${name} wt%`), 'composition', ''], rows);
}

const asJson = (fit: PatternFit): unknown => ({
  label: fit.label,
  converged: fit.converged,
  reason: fit.reason,
  iterations: fit.iterations,
  r: fit.r,
  phases: fit.phases.map((phase) => ({
    name: phase.name,
    present: phase.present,
    scale: phase.scale,
    weight_fraction: phase.weightFraction,
    cell: phase.cell,
    cell_sigma: phase.cellSigma,
    volume_A3: phase.volume_A3,
    composition: phase.composition,
    r_bragg_percent: phase.rBragg_percent,
    line_scatter: phase.lineScatter,
  })),
  parameters: fit.parameters,
  correlation: { parameters: fit.correlated, matrix: rows(fit.correlation, fit.correlated.length) },
  noise: fit.noise,
  notes: fit.notes,
});

const rows = (matrix: Float64Array, n: number): number[][] =>
  Array.from({ length: n }, (_, i) => [...matrix.subarray(i * n, (i + 1) * n)]);

async function writeCurves(path: string, fits: PatternFit[]): Promise<void> {
  if (fits.length > 1 || !/\.csv$/i.test(path))
    throw new InputError(
      `--out ${path}: curves of one pattern go into a .csv`,
      null,
      'refine one file at a time',
    );
  const { twoTheta_deg, observed, sigma, calculated, background, mask } = fits[0]!.curves;
  const lines = [...twoTheta_deg].map((angle, i) =>
    [
      angle.toFixed(5),
      observed[i],
      sigma[i],
      calculated[i]!.toPrecision(8),
      background[i]!.toPrecision(8),
      mask[i],
    ].join(','),
  );
  await writeFileAtomic(
    path,
    `two_theta_deg,observed,sigma,calculated,background,used\n${lines.join('\n')}\n`,
  );
  console.error(`wrote ${path}`);
}
