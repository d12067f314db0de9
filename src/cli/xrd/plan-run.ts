import { InputError } from '../../errors.js';
import { resolvePhase } from '../../formats/crystal/phase.js';
import { experimentFile, readExperiment } from '../../formats/experiment/experiment.js';
import { readLineScan } from '../../formats/patterns/line-scan.js';
import { analyseScan, coupleAnalysed } from '../../interphase/answer/analyse-scan.js';
import type { CoupledDetail } from '../../interphase/coupled/coupled-scan.js';
import { type Identifiability, identifiability } from '../../interphase/coupled/identifiability.js';
import type { LineScan } from '../../measurement.js';
import { cutCell } from '../../simulate/cell.js';
import { simulateLineScan } from '../../simulate/line-scan.js';
import { parseSettings, type Settings } from '../../simulate/settings.js';
import { figureAs, figureEnding } from '../loose-figures.js';
import { textTable } from '../table.js';
import { writeTold } from '../write-file.js';

export interface PlanFlags {
  scan?: string;
  set: string[];
  seed: number;
  out: string[];
  json?: boolean;
}

export async function runXrdPlan(experiment: string | undefined, flags: PlanFlags): Promise<void> {
  if (experiment !== undefined && flags.set.length > 0)
    throw new InputError('--set changes a simulated scan', null, 'leave out either the experiment or --set');
  const outputs = flags.out.map((path) => ({ path, ending: figureEnding(path) }));
  const scan = experiment === undefined ? simulatedScan(flags) : await measuredScan(experiment, flags.scan);
  const structures = scan.phases.map((source) => resolvePhase(source).structure);
  const analysed = analyseScan(scan, structures);
  const found = coupleAnalysed(analysed, flags.seed);
  const detail = found?.coupled.detail;
  if (!found || !detail) {
    const why = found?.coupled.reasons[0] ?? 'all patterns of the electrolyte show the same line ratios';
    throw new InputError(
      `${scan.name}: no layer was found, so there is nothing to plan with: ${why}`,
      null,
      'plan with a simulated scan: leave out the experiment and describe the scan by --set',
    );
  }
  const plan = planOf(detail);
  const reached = {
    x: found.coupled.x ? { value: found.coupled.x.value, sigma: found.coupled.x.sigma } : null,
    boundaries: found.coupled.boundaries.map(({ name, position_um, sigma_um }) => ({
      name,
      position_um,
      sigma_um,
    })),
    thickness_um: found.coupled.thickness && {
      value: found.coupled.thickness.value,
      sigma: found.coupled.thickness.sigma,
    },
  };
  const { planFigure } = await import('../../report/figures/plan.js');
  for (const { path, ending } of outputs) await writeTold(path, await figureAs(planFigure(plan), ending));
  if (flags.json)
    console.log(
      JSON.stringify({ scan: scan.name, assumed: detail.response.hypothesis, ...plan, reached }, null, 2),
    );
  else print(scan, detail, plan, reached);
}

function planOf(detail: CoupledDetail): Identifiability {
  const { coupled, lines, state, response, responses } = detail;
  const migration =
    response.hypothesis === 'y-migration'
      ? null
      : (responses.find((r) => r.hypothesis === 'y-migration' && r.variant === response.variant) ?? null);
  return identifiability(coupled, lines, state, response, migration);
}

function simulatedScan({ set, seed }: PlanFlags): LineScan {
  const { settings, given } = parseSettings(set);
  const { patterns, positions_um } = simulateLineScan(settings, cutCell(settings, given), seed);
  return {
    name: 'simulated scan',
    wavelength_A: settings.wavelength,
    integration: settings.integration as Settings['integration'] & LineScan['integration'],
    beam_um: settings.beam,
    positions_um,
    rows: new Int32Array(patterns.length),
    patterns,
    phases: ['Li3YCl6', 'In', 'LiIn'].map((name) => ({ name, cif: null })),
    dopant: { element: 'In', into: 'Li3YCl6' },
  };
}

async function measuredScan(path: string, name: string | undefined): Promise<LineScan> {
  const file = experimentFile(path);
  const { diffraction } = readExperiment(file);
  const entry = name === undefined ? diffraction[0] : diffraction.find((d) => d.name === name);
  if (!entry || (name === undefined && diffraction.length > 1))
    throw new InputError(
      diffraction.length === 0
        ? 'the experiment holds no diffraction'
        : 'it is not clear which line scan is meant',
      { path: file },
      diffraction.length === 0
        ? 'add a `diffraction` entry'
        : `--scan takes one of: ${diffraction.map((d) => d.name).join(', ')}`,
    );
  if (!entry.dopant)
    throw new InputError(
      `${entry.name} names no dopant`,
      { path: file, line: entry.line },
      'add `dopant: { element: In, into: Li3YCl6 }`',
    );
  return readLineScan(entry, {
    warn: (message) => console.error(message),
    error: (message) => console.error(message),
  });
}

interface Reached {
  x: { value: number; sigma: number } | null;
  boundaries: { name: string; position_um: number; sigma_um: number }[];
  thickness_um: { value: number; sigma: number } | null;
}

function print(scan: LineScan, detail: CoupledDetail, plan: Identifiability, reached: Reached): void {
  const { state, response } = detail;
  const boundary = (name: string): string => {
    const own = reached.boundaries.find((b) => b.name === name);
    return own ? `${own.position_um.toFixed(2)} +- ${own.sigma_um.toFixed(2)} um` : '';
  };
  console.log(
    `${scan.name}: ${scan.patterns.length} patterns, ${detail.lines.length} lines of the electrolyte, layer by ${response.hypothesis} (amount ${state.amount.toFixed(3)})\n`,
  );
  console.log(
    textTable(
      ['', 'best sigma', 'this scan gave'],
      [
        [
          'x',
          plan.sigma.x.toFixed(4),
          reached.x ? `${reached.x.value.toFixed(4)} +- ${reached.x.sigma.toFixed(4)}` : '',
        ],
        ['x, counting noise alone', plan.countingSigmaX.toFixed(4), ''],
        ...(['anode|aei', 'aei|electrolyte'] as const).map((name) => [
          name,
          `${plan.sigma[name].toFixed(2)} um`,
          boundary(name),
        ]),
        [
          'thickness',
          `${plan.thicknessSigma_um.toFixed(2)} um`,
          reached.thickness_um
            ? `${reached.thickness_um.value.toFixed(2)} +- ${reached.thickness_um.sigma.toFixed(2)} um`
            : '',
        ],
      ],
    ),
  );
  console.log('\nIf this may differ between layer and electrolyte as well:');
  console.log(
    textTable(
      ['', 'sigma of x', 'correlation with x'],
      plan.freed.map((f) => [f.name, f.sigmaX.toFixed(4), f.correlation.toFixed(2)]),
    ),
  );
  const strongest = plan.correlations.slice(0, 3).map((c) => `${c.name} ${c.correlation.toFixed(2)}`);
  console.log(`\nWithin the basic fit x is most correlated with: ${strongest.join(', ')}.`);
}
