/** Cell and symmetry of a CIF's data block. */
import { InputError } from '../../errors.js';
import { checkCell } from '../../xrd/crystal/cell.js';
import {
  findByHallSymbol,
  findByOperations,
  findSpaceGroup,
  type SpaceGroup,
} from '../../xrd/crystal/space-groups.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import {
  closeGroup,
  isSameGroup,
  parseOperation,
  type SymmetryOperation,
} from '../../xrd/crystal/symmetry.js';
import { type CifBlock, type CifValue, cifNumber, findLoop, isMissing } from './cif-syntax.js';

export function readCell(block: CifBlock, path: string): PhaseStructure['cell'] {
  const read = (tag: string, fallback?: number): number => {
    const number = cifNumber(block.items.get(tag), tag, path);
    if (number) return number.value;
    if (fallback !== undefined) return fallback;
    throw new InputError(`data_${block.name} has no ${tag}`, { path, line: block.line });
  };
  const cell = {
    a_A: read('_cell_length_a'),
    b_A: read('_cell_length_b'),
    c_A: read('_cell_length_c'),
    alpha_deg: read('_cell_angle_alpha', 90),
    beta_deg: read('_cell_angle_beta', 90),
    gamma_deg: read('_cell_angle_gamma', 90),
  };
  checkWith(() => checkCell(cell), path, block.line);
  return cell;
}

const OPERATION_TAGS = [
  '_space_group_symop_operation_xyz',
  '_symmetry_equiv_pos_as_xyz',
  // magnetic structures: x,y,z,+1, with the centring in a loop of its own
  '_space_group_symop_magn_operation_xyz',
];
const MAGNETIC_CENTRING_TAG = '_space_group_symop_magn_centering_xyz';
const HALL_TAGS = ['_space_group_name_hall', '_symmetry_space_group_name_hall'];
const SYMBOL_TAGS = [
  '_space_group_name_h-m_alt',
  '_symmetry_space_group_name_h-m',
  '_space_group_name_h-m_ref',
];
const NUMBER_TAGS = ['_space_group_it_number', '_symmetry_int_tables_number'];

function firstItem(block: CifBlock, tags: readonly string[]): CifValue | null {
  for (const tag of tags) {
    const value = block.items.get(tag);
    if (value && !isMissing(value)) return value;
  }
  return null;
}

/** Listed operations win; then the Hall symbol, the Hermann-Mauguin symbol and the number. */
export function readSymmetry(
  block: CifBlock,
  cell: PhaseStructure['cell'],
  path: string,
  warnings: string[],
): { operations: SymmetryOperation[]; spaceGroup: PhaseStructure['spaceGroup'] } {
  const hall = firstItem(block, HALL_TAGS);
  const symbol = firstItem(block, SYMBOL_TAGS);
  const number = firstItem(block, NUMBER_TAGS);
  const byName = () => {
    const fromHall = hall ? findByHallSymbol(hall.text) : null;
    if (fromHall) return { group: fromHall, assumed: null };
    const name = symbol ?? number;
    if (!name) return null;
    try {
      return findSpaceGroup(name.text, cell);
    } catch (thrown) {
      if (name === symbol && number) return findSpaceGroup(number.text, cell);
      throw thrown instanceof InputError ? thrown.at({ path, line: name.line }) : thrown;
    }
  };
  const listed = listedOperations(block, path);
  if (!listed) {
    const named = byName();
    if (!named)
      throw new InputError(
        hall
          ? `the Hall symbol '${hall.text.slice(0, 40)}' is not one of the 530 settings`
          : `data_${block.name} states no symmetry`,
        { path, line: block.line },
        "add the operations or the symbol; 'P 1' if there is none",
      );
    const { group, assumed } = named;
    if (assumed)
      warnings.push(
        `the space group ${group.shortSymbol} is given without operations: ${assumed} is assumed`,
      );
    return { operations: group.operations, spaceGroup: { number: group.number, symbol: group.shortSymbol } };
  }
  let named: ReturnType<typeof byName> = null;
  try {
    named = byName();
  } catch {
    warnings.push(
      `the space group symbol '${symbol?.text ?? ''}' is not known; the listed operations are used`,
    );
  }
  return { operations: listed, spaceGroup: identify(listed, named?.group ?? null, symbol?.text, warnings) };
}

/** Which group the listed operations are; a warning where the name says another. */
function identify(
  listed: SymmetryOperation[],
  named: SpaceGroup | null,
  symbol: string | undefined,
  warnings: string[],
): PhaseStructure['spaceGroup'] {
  if (named && isSameGroup(named.operations, listed))
    return { number: named.number, symbol: named.shortSymbol };
  const found = findByOperations(listed);
  // a setting outside the table has as many operations as the one that shares its name
  if (named && (found ? found.number !== named.number : named.operations.length !== listed.length))
    warnings.push(
      `the ${listed.length} listed symmetry operations are not those of ${named.shortSymbol} (${named.operations.length}); the listed ones are used`,
    );
  if (found) return { number: found.number, symbol: found.shortSymbol };
  return { number: named?.number ?? null, symbol: named?.shortSymbol ?? symbol ?? 'as listed' };
}

/** The fourth part of a magnetic operation, to which X-rays are blind. */
const TIME_REVERSAL = /,\s*[+-]?1\s*$/;

function listedOperations(block: CifBlock, path: string): SymmetryOperation[] | null {
  const valuesOf = (tag: string): CifValue[] => {
    const loop = findLoop(block, tag);
    const single = block.items.get(tag);
    const values = loop ? loop.rows.map((row) => row[loop.tags.indexOf(tag)]!) : single ? [single] : [];
    return values.filter((value) => !isMissing(value));
  };
  for (const tag of OPERATION_TAGS) {
    const given = valuesOf(tag);
    if (given.length === 0) continue;
    if (tag.includes('magn')) given.push(...valuesOf(MAGNETIC_CENTRING_TAG));
    if (given.length > 192)
      throw new InputError('more than 192 symmetry operations', { path, line: given[0]!.line });
    const operations = given.map((value) => {
      try {
        return parseOperation(value.text.replace(TIME_REVERSAL, ''));
      } catch (thrown) {
        throw thrown instanceof InputError ? thrown.at({ path, line: value.line }) : thrown;
      }
    });
    try {
      return closeGroup(operations);
    } catch (thrown) {
      throw thrown instanceof InputError ? thrown.at({ path, line: given[0]!.line }) : thrown;
    }
  }
  return null;
}

/** Tells a fault of the content with the place of its block. */
export function checkWith(check: () => void, path: string, line: number): void {
  try {
    check();
  } catch (thrown) {
    throw thrown instanceof InputError ? thrown.at({ path, line }) : thrown;
  }
}
