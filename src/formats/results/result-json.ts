/** result.json: the numbers of a result, as the contract names them. */
import { InputError } from '../../errors.js';
import type { Result } from '../../result.js';

/**
 * The text of result.json. A number that is not finite has no place in JSON: a measured value without one becomes
 * null as a whole, any other becomes null.
 */
export function toResultJson(result: Result): string {
  return `${JSON.stringify(finiteOnly(result), null, 2)}\n`;
}

/** The same tree with everything that is not finite replaced by null. */
export function finiteOnly(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(finiteOnly);
  if (typeof value !== 'object' || value === null) return value;
  if ('value' in value && typeof value.value === 'number' && !Number.isFinite(value.value)) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, finiteOnly(inner)]));
}

/**
 * Reads result.json.
 *
 * @throws InputError when it is not JSON, or not a result of a schema that this version knows.
 */
export function parseResultJson(text: string, path: string): Result {
  const fault = (what: string): InputError =>
    new InputError(what, { path }, 'give a folder that `interphase run` has written');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw fault('is not valid JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || !('schema' in parsed)) {
    throw fault('is not a result of Interphase');
  }
  if (parsed.schema !== 'interphase-result/1') {
    throw fault(
      `has the schema ${JSON.stringify(parsed.schema)}, and this version reads interphase-result/1`,
    );
  }
  const result = parsed as unknown as Result;
  for (const key of ['problems', 'lineScans', 'spectra', 'maps', 'figures'] as const) {
    if (!Array.isArray(result[key])) throw fault(`lacks the list ${key}`);
  }
  return result;
}
