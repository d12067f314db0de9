import { normalizeEdgeName } from '../../reference/edges.js';

/** An edge that a scan can be of, as the tables name it ('LIII' is L3); null for anything else. */
export function edgeName(text: string): string | null {
  const name = normalizeEdgeName(text);
  return /^(?:K|L[123]|M[1-5])$/u.test(name) ? name : null;
}
