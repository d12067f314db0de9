import type { Grid } from '../../measurement.js';

type Size = Pick<Grid, 'ny' | 'nx'>;

/** The pixel at `seed` and all that hang together with it (eight neighbours) through pixels that are `inside`. */
export function regionAbout(seed: number, { ny, nx }: Size, inside: (i: number) => boolean): number[] {
  const members = [seed];
  const taken = new Set(members);
  for (const i of members) {
    const c = i % nx;
    const r = (i - c) / nx;
    for (let rr = Math.max(r - 1, 0); rr <= Math.min(r + 1, ny - 1); rr++) {
      for (let cc = Math.max(c - 1, 0); cc <= Math.min(c + 1, nx - 1); cc++) {
        const k = rr * nx + cc;
        if (taken.has(k) || !inside(k)) continue;
        taken.add(k);
        members.push(k);
      }
    }
  }
  return members;
}

/** The smoothed flank of a patch is no patch of its own: takes a margin about the members out of the search. */
export function shield(members: readonly number[], taken: Uint8Array, { ny, nx }: Size): void {
  const margin = Math.max(8, Math.ceil(Math.sqrt(members.length)));
  for (const i of members) {
    const c = i % nx;
    const r = (i - c) / nx;
    for (let rr = Math.max(r - margin, 0); rr <= Math.min(r + margin, ny - 1); rr++)
      taken.fill(1, rr * nx + Math.max(c - margin, 0), rr * nx + Math.min(c + margin, nx - 1) + 1);
  }
}
