import { InputError } from '../../errors.js';

/** x' = R x + t in fractional coordinates. `rotation` is row-major and holds integers; `translation` lies in [0, 1). */
export interface SymmetryOperation {
  rotation: readonly number[];
  translation: readonly number[];
}

/** Entries of a rotation: ones and zeros in conventional cells, some twos in strange ones. */
export const LARGEST_ROTATION_ENTRY = 4;
const AXES = 'xyz';
/** No space group in its conventional cell has more operations. */
const MAX_OPERATIONS = 192;
/** Translations are multiples of 1/24 in every setting of the tables; decimals such as .6667 snap to them. */
const SNAP = 24;

/**
 * Reads an operation as CIF writes it: 'x,y,z', '-x+y, y, 1/2-z', 'X+0.5,-Y,Z'.
 * Throws InputError where it is none, or where the rotation part is singular.
 */
export function parseOperation(text: string): SymmetryOperation {
  const parts = text.replace(/\s+/g, '').toLowerCase().split(',');
  const fault = () =>
    new InputError(`'${text.slice(0, 60)}' is no symmetry operation`, null, "write it as '-x+y, y, 1/2-z'");
  if (parts.length !== 3 || text.length > 120) throw fault();
  const rotation: number[] = [];
  const translation: number[] = [];
  for (const part of parts) {
    const row = [0, 0, 0];
    let shift = 0;
    const token = /([+-]?)(?:(\d+)\*?([xyz])|([xyz])|(\d+)\/(\d+)|(\d*\.\d+|\d+\.?))/y;
    let at = 0;
    while (at < part.length) {
      token.lastIndex = at;
      const match = token.exec(part);
      if (!match || (at > 0 && match[1] === '')) throw fault();
      const sign = match[1] === '-' ? -1 : 1;
      if (match[3]) row[AXES.indexOf(match[3])]! += sign * Number(match[2]);
      else if (match[4]) row[AXES.indexOf(match[4])]! += sign;
      else if (match[5]) shift += (sign * Number(match[5])) / Number(match[6]);
      else shift += sign * Number(match[7]);
      at = token.lastIndex;
    }
    if (part === '' || !Number.isFinite(shift)) throw fault();
    rotation.push(...row);
    translation.push(wrapTranslation(shift));
  }
  if (Math.abs(Math.abs(determinant(rotation)) - 1) > 1e-9) throw fault();
  if (rotation.some((entry) => Math.abs(entry) > LARGEST_ROTATION_ENTRY)) throw fault();
  return { rotation, translation };
}

/** 'x,y,z' form; fractions where the translation is a multiple of 1/24. */
export function formatOperation({ rotation, translation }: SymmetryOperation): string {
  return [0, 1, 2]
    .map((i) => {
      let text = '';
      for (let j = 0; j < 3; j++) {
        const factor = rotation[3 * i + j]!;
        if (factor === 0) continue;
        text += factor < 0 ? '-' : text === '' ? '' : '+';
        text += (Math.abs(factor) === 1 ? '' : Math.abs(factor)) + AXES[j]!;
      }
      const t = translation[i]!;
      if (t !== 0) text += `+${fraction(t)}`;
      return text;
    })
    .join(',');
}

function fraction(value: number): string {
  const n = Math.round(value * SNAP);
  if (Math.abs(n / SNAP - value) > 1e-9) return String(value);
  const divisor = greatestCommonDivisor(n, SNAP);
  return `${n / divisor}/${SNAP / divisor}`;
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

/** Into [0, 1), snapped to a multiple of 1/24 within a tolerance: CIF writes 1/3 as .3333 or .333. */
function wrapTranslation(value: number, tolerance = 0.002): number {
  const snapped = Math.round(value * SNAP) / SNAP;
  const exact = Math.abs(snapped - value) < tolerance ? snapped : value;
  const wrapped = exact - Math.floor(exact + 1e-9);
  return Math.abs(wrapped) < 1e-9 ? 0 : wrapped;
}

export const determinant = (m: readonly number[]): number =>
  m[0]! * (m[4]! * m[8]! - m[5]! * m[7]!) -
  m[1]! * (m[3]! * m[8]! - m[5]! * m[6]!) +
  m[2]! * (m[3]! * m[7]! - m[4]! * m[6]!);

/** First b, then a. */
export function composeOperations(a: SymmetryOperation, b: SymmetryOperation): SymmetryOperation {
  const rotation: number[] = [];
  const translation: number[] = [];
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += a.rotation[3 * i + k]! * b.rotation[3 * k + j]!;
      rotation.push(sum + 0);
    }
    let shift = a.translation[i]!;
    for (let k = 0; k < 3; k++) shift += a.rotation[3 * i + k]! * b.translation[k]!;
    translation.push(wrapTranslation(shift, 1e-6));
  }
  return { rotation, translation };
}

/** The same text for the same operation. */
export const operationKey = ({ rotation, translation }: SymmetryOperation): string =>
  `${rotation.join()}|${translation.map((t) => Math.round(t * 1000)).join()}`;

/** True where two groups hold the same operations, in whatever order. */
export function isSameGroup(a: readonly SymmetryOperation[], b: readonly SymmetryOperation[]): boolean {
  const keys = new Set(a.map(operationKey));
  return a.length === b.length && b.every((operation) => keys.has(operationKey(operation)));
}

export const IDENTITY: SymmetryOperation = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };

/**
 * All products of the given operations, the identity first.
 * Throws InputError where they make no space group (more than 192 operations, as from a mistyped one).
 */
export function closeGroup(generators: readonly SymmetryOperation[]): SymmetryOperation[] {
  const known = new Set([operationKey(IDENTITY)]);
  const group = [IDENTITY];
  for (let i = 0; i < group.length; i++) {
    for (const generator of generators) {
      const product = composeOperations(generator, group[i]!);
      const key = operationKey(product);
      if (known.has(key)) continue;
      known.add(key);
      group.push(product);
      if (group.length > MAX_OPERATIONS)
        throw new InputError(
          'the symmetry operations do not form a space group',
          null,
          'check them for a slip',
        );
    }
  }
  return group;
}
