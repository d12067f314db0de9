/** A phase made ready for refinement from its structure: lines, and what may change their intensities. */
import { InputError } from '../../errors.js';
import { molarMass_g_mol } from '../../reference/formula.js';
import { compositionOf } from '../crystal/composition.js';
import { bOfU_A2, defaultB_A2 } from '../crystal/debye-waller.js';
import { buildLineTable, type LineTableOptions } from '../crystal/line-table.js';
import type { PhaseStructure } from '../crystal/structure.js';
import { type Substitution, substitute, substitutionSegments } from '../crystal/substitution.js';
import { type PhaseLines, quadraticIntensities } from './phase-lines.js';
import { siteIntensities } from './site-intensities.js';
import { phaseFromTable } from './structure-phase.js';

export interface RefinablePhaseOptions extends Omit<LineTableOptions, 'substitution'> {
  /** Substitutions whose amounts are refined, by the name of the parameter: x, y_migration … */
  substitutions?: { name: string; substitution: Substitution }[];
  /** Site parameters (see site-parameters.ts). Not together with substitutions. */
  sites?: string[];
}

/** Throws InputError where the structure lacks what the options ask for. */
export function refinablePhase(structure: PhaseStructure, options: RefinablePhaseOptions): PhaseLines {
  const lines = linesOf(structure, options);
  return options.sites?.some((name) => name.startsWith('B:'))
    ? lines
    : { ...lines, stiffest: stiffestSite(structure) };
}

/** The site of smallest B; of anisotropic ones the mean of the diagonal counts. */
function stiffestSite({ sites }: PhaseStructure): PhaseLines['stiffest'] {
  const all = sites.map(({ label, B_A2, U_A2, occupants }) => ({
    label,
    B_A2: U_A2 ? bOfU_A2((U_A2[0] + U_A2[1] + U_A2[2]) / 3) : (B_A2 ?? defaultB_A2(occupants[0]!.element)),
  }));
  return all.reduce((least, one) => (one.B_A2 < least.B_A2 ? one : least));
}

function linesOf(structure: PhaseStructure, options: RefinablePhaseOptions): PhaseLines {
  const { substitutions = [], sites = [], ...range } = options;
  if (substitutions.length > 0 && sites.length > 0)
    throw new InputError(
      `${structure.name}: substitutions and single sites cannot be refined together`,
      null,
      'they would change the same occupancies',
    );
  if (sites.length > 0) {
    const { table, intensities, at } = siteIntensities(structure, range, sites);
    return {
      ...phaseFromTable(structure.name, table, { compositionName: null }),
      intensities,
      cellMass: (values) => cellMassOf(at(values)),
    };
  }
  if (substitutions.length <= 1) {
    const [only] = substitutions;
    const table = buildLineTable(structure, only ? { ...range, substitution: only.substitution } : range);
    return phaseFromTable(structure.name, table, { compositionName: only?.name ?? null });
  }
  return jointSubstitutions(structure, range, substitutions);
}

/**
 * Several amounts at once: intensities are quadratic in all of them together, cross terms included, as long as each
 * stays in its first linear piece; that piece bounds it.
 */
function jointSubstitutions(
  structure: PhaseStructure,
  range: LineTableOptions,
  substitutions: { name: string; substitution: Substitution }[],
): PhaseLines {
  const apply = (values: ArrayLike<number>): PhaseStructure =>
    substitutions.reduce(
      (s, { substitution }, k) => (values[k]! === 0 ? s : substitute(s, substitution, values[k]!)),
      structure,
    );
  const parameters = substitutions.map(({ name, substitution }) => {
    const piece = substitutionSegments(structure, substitution).find(({ to }) => to > 1e-9)!;
    // Half of the piece each, so that two of them never empty a site together.
    return { name, value: 0, min: 0, max: piece.to / substitutions.length };
  });
  const intensities = quadraticIntensities(parameters, (values) => buildLineTable(apply(values), range).i0);
  const plain = phaseFromTable(structure.name, buildLineTable(structure, range), { compositionName: null });
  return {
    ...plain,
    intensities,
    cellMass: (values) => cellMassOf(apply(values)),
  };
}

const cellMassOf = (structure: PhaseStructure): number =>
  structure.formulaUnits * molarMass_g_mol(compositionOf(structure));
