import { InputError } from '../../errors.js';
import { formatFormula } from '../../reference/formula.js';
import { compositionOf } from '../../xrd/crystal/composition.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import { type SubstitutionKind, substitute } from '../../xrd/crystal/substitution.js';
import { type SimulationOptions, simulatePattern } from '../../xrd/pattern/simulate-pattern.js';
import { checkOutputs, writeOutput } from './simulate-files.js';
import {
  amountsOf,
  numberOf,
  readPhase,
  type SimulateFlags,
  simulationOptions,
  sitesOf,
  textureOf,
} from './simulate-flags.js';
import { asJson, type Case, lineTable, listPhases, seriesTable } from './simulate-tables.js';

export async function runXrdSimulate(names: string[], flags: SimulateFlags): Promise<void> {
  if (flags.list) return listPhases(flags.json ?? false);
  if (names.length === 0)
    throw new InputError(
      'no phase is named',
      null,
      "give built-in names or CIF files; 'interphase xrd simulate --list' shows the names",
    );
  const phases = names.map(readPhase);
  const options = simulationOptions(flags);
  const requests = requestsOf(flags);
  checkOutputs(flags.out, requests.length);
  const cases = simulateCases(phases, requests, flags, options);
  for (const path of flags.out) await writeOutput(path, cases, phases[0]!.structure.name);
  if (flags.json) console.log(JSON.stringify(asJson(cases, options), null, 2));
  else console.log(cases.length === 1 ? lineTable(cases[0]!, flags) : seriesTable(cases, flags));
}

interface Request {
  site: SubstitutionKind | null;
  amount: number;
}

const requestsOf = ({ x, site }: SimulateFlags): Request[] =>
  x === undefined
    ? [{ site: null, amount: 0 }]
    : sitesOf(site).flatMap((one) => amountsOf(x).map((amount) => ({ site: one, amount })));

function simulateCases(
  phases: { structure: PhaseStructure; weight: number }[],
  requests: Request[],
  flags: SimulateFlags,
  options: SimulationOptions,
): Case[] {
  const [first] = phases;
  const texture = flags.texture === undefined ? undefined : textureOf(flags.texture);
  return requests.map(({ site, amount }) => {
    const simulated = phases.map((phase, i) => ({
      ...phase,
      ...(i === 0 && site ? { substitution: { kind: site }, amount } : {}),
      ...(i === 0 && texture ? { texture } : {}),
      ...(flags.size === undefined ? {} : { size_um: numberOf(flags.size, '--size', 1e-4, 1e4) }),
      ...(flags.strain === undefined ? {} : { microstrain: numberOf(flags.strain, '--strain', 0, 1e6) }),
    }));
    const doped = site ? substitute(first!.structure, { kind: site }, amount) : first!.structure;
    return {
      site,
      amount,
      formula: formatFormula(compositionOf(doped)),
      pattern: simulatePattern(simulated, options),
    };
  });
}
