import { InputError } from '../errors.js';
import { suggestion } from '../formats/common/nearest.js';

/** One thing that `--set` can change. The unit is told in the help; numbers are written bare. */
interface Definition<T> {
  initial: T;
  help: string;
  unit?: string;
  min?: number;
  max?: number;
  whole?: boolean;
  choices?: readonly string[];
  /** How many numbers a list takes. */
  length?: readonly number[];
  /** What the words of a comma-separated text may be. */
  words?: readonly string[];
}

const number = (
  initial: number,
  help: string,
  limits: Omit<Definition<number>, 'initial' | 'help'> = {},
) => ({
  initial,
  help,
  ...limits,
});
const positive = (initial: number, help: string, unit: string, max = 1e9) =>
  number(initial, help, { unit, min: 1e-9, max });
const share = (initial: number, help: string, max = 1) => number(initial, help, { min: 0, max });
const count = (initial: number, help: string, max: number, min = 1) =>
  number(initial, help, { min, max, whole: true });
const choice = <C extends string>(initial: C, help: string, choices: readonly C[]): Definition<C> => ({
  initial,
  help,
  choices,
});
const flag = (initial: boolean, help: string): Definition<boolean> => ({ initial, help });
const list = (
  initial: number[],
  help: string,
  unit: string,
  length: readonly number[] = [initial.length],
): Definition<number[]> => ({ initial, help, unit, length });

export const SITES = ['6h', '6g', 'y', 'y-migration', 'none'] as const;
export type InterphaseSite = (typeof SITES)[number];

/** Every key of `--set` with its default. */
const DEFINITIONS = {
  sample: {
    initial: 'LYC | Li-In after 1000 cycles',
    help: 'name of the sample; unless given it goes with cycles',
  } as Definition<string>,
  x: share(0.2, 'In per formula unit in the AEI (for site=y-migration: fraction of Y that moved)', 0.9),
  site: choice<InterphaseSite>(
    '6h',
    'where the indium sits; none: an AEI that equals the electrolyte',
    SITES,
  ),
  variant: choice('default', 'variant of the Li3YCl6 structure', [
    'default',
    'ordered',
    'swapped',
    'asano',
    'obelix',
  ]),
  aei: flag(true, 'false: no interphase at all'),
  cycles: number(1000, 'cycle number; sets the thickness of the AEI unless edges or map.thickness do', {
    min: 0,
    max: 100_000,
  }),
  noise: flag(true, 'false: expected values, without counting noise, grain scatter or jitter'),
  gzip: flag(false, 'compress the text files'),
  parts: {
    initial: 'uxrd,xas,xrf,stack',
    help: 'which measurements to make',
    words: ['uxrd', 'xas', 'xrf', 'stack'],
  } as Definition<string>,

  edges: list(
    [26.1, 41],
    'anode|AEI and AEI|electrolyte on the line scan (one number: no AEI)',
    'um',
    [1, 2],
  ),
  width: positive(0.6, 'intrinsic width (sigma) of the boundaries', 'um', 1000),
  patterns: count(30, 'patterns of the line scan', 20_000),
  start: number(0, 'position of the first pattern', { unit: 'um' }),
  positions: choice('even', 'spacing of the patterns; uneven ones come with a positions.csv', [
    'even',
    'uneven',
    'reversed',
  ]),
  'scan-file': choice('xye', 'one text file a pattern, or one HDF5 file', ['xye', 'h5']),
  step: positive(2, 'distance between patterns', 'um', 1e4),
  beam: positive(2, 'width of the beam', 'um', 1e4),
  'beam-shape': choice('box', 'profile of the beam', ['box', 'gaussian']),
  counts: positive(1000, 'height of the electrolyte line 301 above the background', 'counts'),
  background: number(60, 'smooth background of the patterns', { unit: 'counts', min: 0, max: 1e9 }),
  texture: number(0.92, 'March-Dollase r of the electrolyte along 001 (1: none)', { min: 0.2, max: 5 }),
  'anode-texture': number(0.8, 'March-Dollase r of In and LiIn along 001', { min: 0.2, max: 5 }),
  grain: share(0.03, 'scatter of each line by the grains in the beam, for 12 equivalents', 2),
  gain: share(0.04, 'scatter of the whole intensity from pattern to pattern', 2),
  zero: number(0.012, 'zero shift of 2theta', { unit: 'deg', min: -2, max: 2 }),
  fwhm: positive(0.09, 'line width of the instrument near 30 deg', 'deg', 5),
  size: positive(0.3, 'crystallite size', 'um', 100),
  'two-theta': list([11, 45, 0.02], 'first, last and step of 2theta', 'deg'),
  wavelength: positive(1.2398, 'wavelength of the diffraction', 'angstrom', 10),
  integration: choice('mean-per-pixel', 'how the rings were integrated', [
    'mean-per-pixel',
    'sum-over-ring',
    'lab',
  ]),
  liin: share(0.53, 'volume fraction of LiIn in the anode, the rest is In'),
  faults: {
    initial: '',
    help: 'bad frames, e.g. dead:7,saturated:12,spike:15,nan:3,drop:20',
  } as Definition<string>,

  'shift.cl': number(0.4, 'what must be added to the Cl K energies', { unit: 'eV', min: -50, max: 50 }),
  'shift.y': number(0.6, 'what must be added to the Y K energies', { unit: 'eV', min: -50, max: 50 }),
  'shift.in': number(3.5, 'what must be added to the In K energies', { unit: 'eV', min: -50, max: 50 }),
  'shift-jitter': share(0.02, 'scatter of the energy axis from scan to scan (eV)', 10),
  'edge-shift.in': number(1, 'shift of the In edge in the cycled anode', { unit: 'eV', min: -10, max: 10 }),
  'cl.counts': positive(40_000, 'fluorescence counts of the Cl K edge step', 'counts'),
  'cl.over-absorption': number(
    0,
    'alpha of the over-absorption of fluorescence (0: none, 1.5: thick Li3YCl6)',
    {
      min: 0,
      max: 100,
    },
  ),
  'cl.weight': number(-1, 'InCl3-like share of the AEI spectrum P5 (-1: 1.9 x)', { min: -1, max: 1 }),
  'hard.counts': positive(400_000, 'transmitted counts of a Y K or In K point', 'counts'),

  'map.nx': count(100, 'columns of the XRF map', 4000, 8),
  'map.ny': count(60, 'rows of the XRF map', 4000, 2),
  'map.pixel': positive(5, 'pixel of the XRF map', 'um', 1000),
  'map.counts': positive(60, 'Y counts of a pixel in the electrolyte', 'counts'),
  'map.start': positive(120, 'mean anode|AEI boundary on the map', 'um', 1e6),
  'map.thickness': number(-1, 'mean thickness of the AEI on the map (-1: from cycles)', {
    unit: 'um',
    min: -1,
    max: 1e5,
  }),
  'map.roughness': number(4, 'rms waviness of both boundaries together', { unit: 'um', min: 0, max: 1e4 }),
  'map.variation': number(2.5, 'rms variation of the thickness', { unit: 'um', min: 0, max: 1e4 }),
  'map.correlation': positive(45, 'correlation length of both', 'um', 1e5),
  'map.blur': number(4, 'width (FWHM) of the beam on the map', { unit: 'um', min: 0, max: 1e3 }),
  'map.cathode': flag(true, 'a cathode region at the far side'),

  'stack.nx': count(100, 'columns of the Y K stack', 4000, 4),
  'stack.ny': count(60, 'rows of the Y K stack', 4000, 4),
  'stack.pixel': positive(2, 'pixel of the stack', 'um', 1000),
  'stack.counts': positive(400, 'counts of the edge step in a pixel of electrolyte', 'counts'),
  'stack.patch': share(0, 'share of Y(0) in an injected patch (0: none)'),
  'stack.patch-at': list([120, 60], 'centre x, y of the patch', 'um'),
  'stack.patch-size': positive(15, 'diameter of the patch', 'um', 1e5),
} satisfies Record<string, Definition<unknown>>;

type Widen<T> = T extends number[] ? number[] : T extends boolean ? boolean : T extends number ? number : T;
export type SettingKey = keyof typeof DEFINITIONS;
export type Settings = { readonly [K in SettingKey]: Widen<(typeof DEFINITIONS)[K]['initial']> };

export const settingKeys = (): SettingKey[] => Object.keys(DEFINITIONS) as SettingKey[];

/**
 * The settings after `key=value` texts.
 * @throws InputError for an unknown key (naming the nearest), a value of the wrong kind or out of its limits
 */
export function parseSettings(texts: readonly string[]): { settings: Settings; given: Set<SettingKey> } {
  const values: Record<string, unknown> = {};
  for (const key of settingKeys()) values[key] = DEFINITIONS[key].initial;
  const given = new Set<SettingKey>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const key = (at < 0 ? text : text.slice(0, at)).trim();
    if (!(key in DEFINITIONS))
      throw new InputError(`--set knows no '${key}'`, null, suggestion(key, settingKeys()));
    if (at < 0)
      throw new InputError(
        `--set ${key} has no value`,
        null,
        `write --set ${key}=${shown(key as SettingKey)}`,
      );
    values[key] = parseValue(key as SettingKey, text.slice(at + 1).trim());
    given.add(key as SettingKey);
  }
  if (!given.has('sample')) values.sample = sampleAfter(Number(values.cycles));
  return { settings: values as unknown as Settings, given };
}

/** A sample that nobody named is called after its age. */
const sampleAfter = (cycles: number): string =>
  cycles > 0 ? `LYC | Li-In after ${cycles} cycles` : 'LYC | Li-In before cycling';

const shown = (key: SettingKey): string => String(DEFINITIONS[key].initial);

function parseValue(key: SettingKey, text: string): unknown {
  const definition: Definition<unknown> = DEFINITIONS[key];
  const { initial, choices } = definition;
  if (typeof initial === 'boolean') {
    if (/^(true|yes|on|1)$/i.test(text)) return true;
    if (/^(false|no|off|0)$/i.test(text)) return false;
    throw fault(key, text, 'true or false');
  }
  if (choices) {
    const found = choices.find((option) => option === text.toLowerCase());
    if (found === undefined) throw fault(key, text, choices.join(', '));
    return found;
  }
  if (typeof initial === 'string') return wordsOf(key, text, definition);
  const numbers = text.split(/[,;]/).map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers.some((value) => !Number.isFinite(value))) {
    throw fault(key, text, Array.isArray(initial) ? `numbers, such as ${initial.join(',')}` : 'a number');
  }
  if (Array.isArray(initial)) {
    if (!definition.length!.includes(numbers.length))
      throw fault(key, text, `${definition.length!.join(' or ')} numbers, such as ${initial.join(',')}`);
    return numbers;
  }
  if (numbers.length > 1) throw fault(key, text, 'one number');
  return withinLimits(key, numbers[0]!, definition);
}

function wordsOf(key: SettingKey, text: string, { words }: Definition<unknown>): string {
  const unknown = words && text.split(/[,;]/).find((word) => !words.includes(word.trim()));
  if (unknown !== undefined) throw fault(key, text, `words from ${words!.join(', ')}`);
  return text;
}

function withinLimits(
  key: SettingKey,
  value: number,
  { min, max, whole, unit }: Definition<unknown>,
): number {
  if (whole && !Number.isInteger(value)) throw fault(key, String(value), 'a whole number');
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) {
    throw fault(key, String(value), `${min ?? '-'} to ${max ?? '-'}${unit ? ` ${unit}` : ''}`);
  }
  return value;
}

const fault = (key: string, value: string, wanted: string): InputError =>
  new InputError(`--set ${key}=${value} cannot be used`, null, `it takes ${wanted}`);

/** All settings as lines for the help. */
export function settingsHelp(): string {
  return settingKeys()
    .map((key) => {
      const { initial, help, unit, choices }: Definition<unknown> = DEFINITIONS[key];
      const value = `${key}=${Array.isArray(initial) ? initial.join(',') : String(initial)}`;
      return `  ${value.padEnd(34)} ${help}${unit ? ` (${unit})` : ''}${choices ? ` [${choices.join(' | ')}]` : ''}`;
    })
    .join('\n');
}
