/** Number of single-character edits (insert, delete, replace) between two words; Wagner and Fischer, J. ACM 21 (1974) 168. */
export function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
    }
    above = row;
  }
  return above[b.length]!;
}

/** The candidate that is nearest to `word` (case ignored), or null where none is near enough to be meant. */
export function nearest(word: string, candidates: readonly string[], limit = 0.6): string | null {
  const shortened = word.slice(0, 80).toLowerCase();
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(shortened, candidate.slice(0, 80).toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best !== null && least <= Math.max(2, limit * Math.max(shortened.length, 3)) ? best : null;
}

/** `did you mean 'x'?`, or the list of what is known. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  if (near !== null) return `did you mean '${near}'?`;
  return candidates.length > 0 ? `known are ${candidates.slice(0, 20).join(', ')}` : 'none is known here';
}
