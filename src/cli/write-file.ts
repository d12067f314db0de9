import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../formats/common/atomic.js';

/** Writes a file that the user asked for, with its folder, and tells. */
export async function writeTold(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, content);
  console.error(`wrote ${path}`);
}
