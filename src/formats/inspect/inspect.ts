import { InputError } from '../../errors.js';
import { isHdf5 } from '../common/hdf5.js';
import { openInput, readHead } from '../common/input.js';
import { inspectHdf5 } from './inspect-hdf5.js';
import { inspectPlain } from './inspect-text.js';
import type { Finding, Inspection } from './inspection.js';

export type { Inspection } from './inspection.js';

/**
 * Says what a file is and holds, as the readers see it. A file that no reader knows is 'not recognised'; a file that
 * carries the sign of a format but cannot be read is 'unreadable' with the reader's message.
 */
export async function inspectFile(path: string): Promise<Inspection> {
  let gzipped = false;
  try {
    const head = readHead(path);
    gzipped = head[0] === 0x1f && head[1] === 0x8b;
    return { file: path, gzipped, ...(await look(path, head, gzipped)) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { file: path, gzipped, ...unreadable(error) };
  }
}

async function look(path: string, head: Uint8Array, gzipped: boolean): Promise<Finding> {
  if (isHdf5(head)) return inspectHdf5(path);
  if (gzipped && /\.(?:h5|hdf5?|nxs|nx5)\.gz$/iu.test(path)) return inspectHdf5(path);
  return inspectPlain(openInput(path));
}

const unreadable = (error: InputError): Finding => ({
  recognised: false,
  kind: 'unreadable',
  format: null,
  summary: `cannot be read: ${error.what}`,
  details: [],
  content: {},
  warnings: [error.message],
});
