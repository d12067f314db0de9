/** What a refinement of loose patterns is asked for: options of the command line as the science wants them. */
import { InputError } from '../../errors.js';
import { openInput, stemOf } from '../../formats/common/input.js';
import { parseQuantity } from '../../formats/common/quantity.js';
import { resolvePhase } from '../../formats/crystal/phase.js';
import type { Integration, Pattern } from '../../measurement.js';
import { builtInPhaseNames, findBuiltInPhase } from '../../xrd/crystal/built-in-phases.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import type { SubstitutionKind } from '../../xrd/crystal/substitution.js';
import type { PhaseLines } from '../../xrd/pattern/phase-lines.js';
import type { Wavelength } from '../../xrd/pattern/radiation.js';
import { TUBES, tubeWavelengths } from '../../xrd/pattern/radiation.js';
import { refinablePhase } from '../../xrd/pattern/refinable-phase.js';
import { DEFAULT_REFINE, type RefineOptions } from '../../xrd/refine/refine-options.js';

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
  out: string[];
  json?: boolean;
}

export function wavelengthsOf(text: string | undefined): Wavelength[] {
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

export function readStructure(given: string): PhaseStructure {
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

export function preparePhase(
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

export function refineOptions(flags: RefineFlags, wavelengths: Wavelength[]): RefineOptions {
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
  for (const text of flags.texture ?? [])
    if (!known.includes(textureAxis(text)[0]))
      throw new InputError(`--texture: '${text}' names no phase`, null, `the phases are ${known.join(', ')}`);
  const values = Object.fromEntries((flags.set ?? []).map(setting));
  const textureAxes = Object.fromEntries((flags.texture ?? []).map(textureAxis));
  return {
    wavelengths,
    lorentzPolarisation: {
      integration: flags.integration,
      ...(flags.monochromator === undefined
        ? {}
        : { monochromatorTwoTheta_deg: numberOf(flags.monochromator, '--monochromator', 0, 180) }),
    },
    refine: [...(flags.refine ?? DEFAULT_REFINE), ...impliedBy(flags, Object.keys(values), textureAxes)],
    values,
    backgroundTerms: Math.round(numberOf(flags.background, '--background', 1, 40)),
    ...(flags.range === undefined ? {} : { range_deg: rangeOf(flags.range, '--range') }),
    exclude_deg: (flags.exclude ?? []).map((text) => rangeOf(text, '--exclude')),
    textureAxes,
    lineScatter: flags.lineScatter ? 'estimate' : 'off',
    search: flags.search,
  };
}

/** What other options ask to refine, whatever --refine says: a site, x, and a texture that --set does not fix. */
function impliedBy(
  { sites = [], dopant, migration }: RefineFlags,
  set: string[],
  textureAxes: RefineOptions['textureAxes'] = {},
): string[] {
  const textures = Object.keys(textureAxes).map((phase) => `${phase}.texture`);
  return [
    ...sites,
    ...(dopant === undefined && !migration ? [] : ['*.composition']),
    ...textures.filter((name) => !set.includes(name)),
  ];
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
  if (!phase || (Number(h) === 0 && Number(k) === 0 && Number(l) === 0))
    throw new InputError(`--texture: '${text}' cannot be read`, null, 'for example Li3YCl6:0,0,1');
  return [phase, [Number(h), Number(k), Number(l)]];
}

function numberOf(text: string, option: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= min && value <= max))
    throw new InputError(`${option}: '${text}' is not a number from ${min} to ${max}`);
  return value;
}
