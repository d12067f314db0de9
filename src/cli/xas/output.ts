import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../../formats/common/atomic.js';

/** Columns of equal length as a CSV with a header. */
export async function writeCurves(path: string, columns: Record<string, Float64Array>): Promise<void> {
  const names = Object.keys(columns);
  const length = Math.max(...names.map((name) => columns[name]!.length));
  const lines = [names.map((name) => (/[",]/u.test(name) ? JSON.stringify(name) : name)).join(',')];
  for (let i = 0; i < length; i++) lines.push(names.map((name) => String(columns[name]![i])).join(','));
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, `${lines.join('\n')}\n`);
  console.error(`wrote ${path}`);
}
