import { InputError } from '../../errors.js';
import { openInput, plainName, textOf } from '../common/input.js';
import { parseNumber } from '../common/text-table.js';
import { unitFactor } from '../common/units.js';

export interface ListedPosition {
  /** File name without folder and .gz. */
  file: string;
  position_um: number;
  row: number;
}

/**
 * Reads a positions.csv: columns file and position_um (or position_mm, position_nm), and row where the scan has several.
 * @throws InputError naming the line that cannot be understood.
 */
export function readPositions(path: string): ListedPosition[] {
  const lines = textOf(openInput(path)).split('\n');
  const start = lines.findIndex((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  const separator = [',', ';', '\t'].find((mark) => lines[start]?.includes(mark)) ?? ',';
  const split = (line: string): string[] =>
    line.split(separator).map((word) => word.trim().replace(/^"(.*)"$/u, '$1'));
  const names = split(lines[start] ?? '').map((name) => name.toLowerCase());
  const fileColumn = names.findIndex((name) => /^(?:file|filename|name)$/u.test(name));
  const positionColumn = names.findIndex((name) => /^(?:position|x|pos)(?:_[a-z]+)?$/u.test(name));
  const rowColumn = names.indexOf('row');
  if (fileColumn < 0 || positionColumn < 0) {
    throw new InputError(
      "needs the columns 'file' and 'position_um'",
      { path, line: start + 1 },
      'write them as its first line: file,position_um',
    );
  }
  const unit = names[positionColumn]!.split('_')[1];
  const factor = unit === undefined ? null : unitFactor(unit, 'length');
  if (factor === null) {
    throw new InputError(
      `the column '${names[positionColumn]}' does not say its unit`,
      { path, line: start + 1 },
      "call it 'position_um'",
    );
  }
  const rowIds = new Map<string, number>();
  const listed: ListedPosition[] = [];
  for (let i = start + 1; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const words = split(line);
    const position = parseNumber(words[positionColumn] ?? '');
    const file = words[fileColumn] ?? '';
    if (file === '' || position === undefined || !Number.isFinite(position)) {
      throw new InputError(`'${line.trim().slice(0, 60)}' has no file name or no position`, {
        path,
        line: i + 1,
      });
    }
    const row = words[rowColumn] ?? '';
    if (!rowIds.has(row)) rowIds.set(row, rowIds.size);
    listed.push({
      file: plainName(file.replaceAll('\\', '/')),
      position_um: position * factor,
      row: rowIds.get(row)!,
    });
  }
  refuseTwins(listed, path);
  return listed;
}

function refuseTwins(listed: ListedPosition[], path: string): void {
  const seen = new Set<string>();
  for (const { file } of listed) {
    if (seen.has(file)) throw new InputError(`lists '${file}' twice`, { path });
    seen.add(file);
  }
  if (listed.length === 0) throw new InputError('lists no positions', { path });
}
