import { InputError } from '../../errors.js';
import { openInput, stemOf } from '../../formats/common/input.js';
import { parseQuantity } from '../../formats/common/quantity.js';
import { resolvePhase } from '../../formats/crystal/phase.js';
import type { Integration } from '../../measurement.js';
import { builtInPhase, builtInPhaseNames, findBuiltInPhase } from '../../xrd/crystal/built-in-phases.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import { SUBSTITUTION_KINDS, type SubstitutionKind } from '../../xrd/crystal/substitution.js';
import { angleGrid, type SimulationOptions, widthToW } from '../../xrd/pattern/simulate-pattern.js';

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

export function readPhase(given: string): { structure: PhaseStructure; weight: number } {
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

export function simulationOptions(flags: SimulateFlags): SimulationOptions {
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

export const sitesOf = (text: string): SubstitutionKind[] =>
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

export function amountsOf(text: string): number[] {
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

export function textureOf(text: string): { r: number; axis: [number, number, number] } {
  const match = /^(-?\d+),(-?\d+),(-?\d+):([\d.]+)$/.exec(text);
  const axis: [number, number, number] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  if (!match || axis.every((index) => index === 0))
    throw new InputError(`--texture: '${text}' cannot be read`, null, 'for example 0,0,1:0.9');
  return { axis, r: numberOf(match[4]!, '--texture', 0.05, 20) };
}

export function numberOf(text: string, option: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= min && value <= max))
    throw new InputError(`${option}: '${text}' is not a number from ${min} to ${max}`);
  return value;
}
