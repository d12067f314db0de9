/** Lattice parameters (angstrom, 22.5 degrees): silicon after CODATA 2018, germanium after J. F. C. Baker, M. Hart, Acta Cryst. A31 (1975) 364. */
const CUBIC: Record<string, number> = { si: 5.431020511, ge: 5.657906 };

const REFLECTION = /\b(si|ge)(?:licon|rmanium)?[\s_-]*[<([{]?\s*(\d)[\s,]*(\d)[\s,]*(\d)(?!\d)/iu;

/**
 * Lattice spacing (angstrom) of a monochromator: the number that a header states as Mono.d_spacing, else that of the
 * reflection which Mono.name gives, as Si(111) or 'Si 3 1 1'. Null where it says neither.
 */
export function monoSpacing_A(metadata: Record<string, string>): number | null {
  const field = (name: string): string | undefined =>
    Object.entries(metadata).find(([key]) => key.toLowerCase() === name)?.[1];
  const stated = Number.parseFloat(field('mono.d_spacing') ?? '');
  if (stated > 0) return stated;
  const named = REFLECTION.exec(field('mono.name') ?? '');
  if (named === null) return null;
  const [h, k, l] = [named[2], named[3], named[4]].map(Number) as [number, number, number];
  const order = h * h + k * k + l * l;
  return order > 0 ? CUBIC[named[1]!.toLowerCase()]! / Math.sqrt(order) : null;
}
