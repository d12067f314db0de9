import type { EnergyStack } from '../../measurement.js';
import { findPatches, medianOf, type Patch, type PatchSearch } from './patches.js';
import { type UnexpectedCheck, unexpectedSpecies } from './stack-components.js';
import { sigmaAt, stackFractions } from './stack-fractions.js';
import { type MeanFraction, meanFractions, type SharedError, sharedError } from './stack-means.js';
import type { StackFractions, StackOptions, StackReference } from './stack-types.js';

export interface StackAnalysis {
  fractions: StackFractions;
  means: MeanFraction[];
  /** Patches of each minor species (null for the one that makes up most of the map). */
  searches: (PatchSearch | null)[];
  unexpected: UnexpectedCheck;
  statements: string[];
}

/** Fractions of the references over an energy stack, their means, patches, and what can be said about absence. */
export function analyseStack(
  stack: EnergyStack,
  references: readonly StackReference[],
  options: Partial<StackOptions> & { falseAlarm?: number; axisError?: ArrayLike<number> } = {},
): StackAnalysis {
  const fractions = stackFractions(stack, references, options);
  const shared = sharedError(fractions, references, options.axisError ?? null);
  const means = meanFractions(fractions, references, shared);
  const major = means.reduce((best, m, j) => (m.value > means[best].value ? j : best), 0);
  const falseAlarm = options.falseAlarm ?? 0.01;
  // What a pixel leaves over has n - p degrees of freedom, beside the misfit that all share.
  const free = fractions.energies_eV.length - fractions.design.length;
  const usual = medianOf(fractions.residual) ** 2;
  const plausible = (i: number): boolean =>
    fractions.residual[i] ** 2 < Math.max(usual, 1) * (1 + 4 * Math.sqrt(2 / free));
  const searches = references.map((_, j) => {
    if (j === major) return null;
    const search = findPatches(
      fractions.fraction[j],
      fractions.sigma[j],
      stack.grid,
      { falseAlarm, plausible },
      (b) => sigmaAt(fractions, j, b),
    );
    return { ...search, patches: search.patches.map((patch) => withShared(patch, j, fractions, shared)) };
  });
  const unexpected = unexpectedSpecies(stack, fractions);
  const statements = searches.flatMap((search, j) => (search ? [absence(means[j], search, falseAlarm)] : []));
  if (unexpected.statement) statements.push(unexpected.statement);
  return { fractions, means, searches, unexpected, statements };
}

/** The mean of a patch has the error of its pixels and the one that all pixels of the map share. */
function withShared(patch: Patch, reference: number, f: StackFractions, shared: SharedError): Patch {
  const fractions = f.fraction.map((values) => {
    let sum = 0;
    for (const i of patch.members) sum += values[i];
    return sum / patch.members.length;
  });
  fractions[reference] = patch.mean.value;
  const sigma = Math.hypot(patch.mean.sigma, shared.at(reference, fractions));
  return { ...patch, mean: { value: patch.mean.value, sigma } };
}

function absence(mean: MeanFraction, search: PatchSearch, falseAlarm: number): string {
  const percent = (f: number): string => `${(100 * f).toPrecision(2)} %`;
  const reach = search.detectable
    .filter((d) => d.fraction < 1)
    .map(
      (d) =>
        `${percent(Math.max(search.background, 0) + d.fraction)} in any patch of ${d.side_um.toPrecision(2)} um`,
    );
  const found = search.patches.length;
  const patches = found === 0 ? 'no patch' : found === 1 ? 'one patch' : `${found} patches`;
  const outside = found === 0 ? '' : ' outside';
  const limits = reach.length > 0 ? `; no ${mean.name}${outside} above ${reach.join(', ')} at 95 %` : '';
  return `${mean.name}: ${patches} found (chance of a false one ${percent(falseAlarm)})${limits}; mean below ${percent(mean.limit95)} at 95 %.`;
}
