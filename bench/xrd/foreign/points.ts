/** What is tried: each point draws patterns of known truth and says how a user would refine them. */
import type { Random } from '../../../src/numeric/random.js';
import { builtInPhase } from '../../../src/xrd/crystal/built-in-phases.js';
import type { PhaseStructure } from '../../../src/xrd/crystal/structure.js';
import { substitute } from '../../../src/xrd/crystal/substitution.js';
import {
  type DrawnPhase,
  drawnInstrument,
  drawnPhase,
  LAB,
  type PeerPattern,
  type PeerPhase,
  peerPhase,
  SYNCHROTRON,
  type Truth,
  vibrating,
} from './draw.js';
import * as known from './structures.js';

export interface Drawn {
  pattern: PeerPattern;
  truth: Truth;
  /** Phases that the user has; a built-in one is named, any other given as a CIF. */
  given: PhaseStructure[];
}

export interface Point {
  name: string;
  grid: [number, number, number];
  source: typeof LAB;
  /** Options besides phases, wavelength and integration. */
  args: string[];
  draw(random: Random): Drawn;
}

const BASIC = ['zero', 'W', 'X', '*.cell', '*.B'];
const LAB_GRID: Point['grid'] = [15, 100, 0.02];
const BEAM_GRID: Point['grid'] = [11, 60, 0.02];

/** A pattern of one phase. */
function single(
  random: Random,
  source: typeof LAB,
  given: PhaseStructure,
  change: (phase: DrawnPhase) => { phase: DrawnPhase; more?: Partial<PeerPhase> } = (phase) => ({ phase }),
): Drawn {
  const { pattern, truth } = drawnInstrument(random, source);
  const { phase, more } = change(drawnPhase(given, random));
  return {
    pattern: { ...pattern, phases: [peerPhase(phase, 1, more)] },
    truth: { ...truth, ...phase.truth },
    given: [given],
  };
}

/** The structure of a drawn phase changed, and what that adds to the truth. */
const changed = (phase: DrawnPhase, structure: PhaseStructure, truth: Truth): DrawnPhase => ({
  ...phase,
  structure,
  truth: { ...phase.truth, ...truth },
});

function occupied(structure: PhaseStructure, label: string, shares: number[]): PhaseStructure {
  return {
    ...structure,
    sites: structure.sites.map((site) =>
      site.label === label
        ? { ...site, occupants: site.occupants.map((o, i) => ({ ...o, occupancy: shares[i]! })) }
        : site,
    ),
  };
}

const INDIUM = { element: 'In', charge: 3 };
const electrolyte = builtInPhase('Li3YCl6');

const texture = (name: string, given: PhaseStructure, axis: number[], source: typeof LAB): Point => ({
  name,
  source,
  grid: source === LAB ? LAB_GRID : BEAM_GRID,
  args: ['--refine', ...BASIC, '--texture', `${given.name}:${axis.join(',')}`],
  draw: (random) =>
    single(random, source, given, (phase) => {
      const r = Math.exp(random.uniform(Math.log(0.5), Math.log(2)));
      return {
        phase: changed(phase, phase.structure, { [`${given.name}.texture`]: r }),
        more: { texture: { r, axis } },
      };
    }),
});

const mixture = (name: string, given: PhaseStructure[]): Point => ({
  name,
  source: LAB,
  grid: LAB_GRID,
  args: ['--refine', ...BASIC],
  draw: (random) => {
    const { pattern, truth } = drawnInstrument(random, LAB);
    const raw = given.map(() => -Math.log(random.uniform(0.02, 1)));
    const total = raw.reduce((a, b) => a + b, 0);
    const phases = given.map((one) => drawnPhase(one, random));
    return {
      pattern: { ...pattern, phases: phases.map((phase, k) => peerPhase(phase, raw[k]! / total)) },
      truth: Object.assign(
        truth,
        ...phases.map((phase, k) => ({ ...phase.truth, [`${given[k]!.name}.weight`]: raw[k]! / total })),
      ),
      given,
    };
  },
});

/** The user's CIF holds the true U_ij: what is added to all of them is then what was drawn. */
const anisotropic = (name: string, base: PhaseStructure, source: typeof LAB): Point => ({
  name,
  source,
  grid: source === LAB ? LAB_GRID : BEAM_GRID,
  args: ['--refine', ...BASIC],
  draw: (random) => single(random, source, vibrating(base, random)),
});

export const POINTS: Point[] = [
  {
    name: 'indium on 6h',
    source: SYNCHROTRON,
    grid: BEAM_GRID,
    args: ['--refine', ...BASIC, '--dopant', 'In:Li3YCl6'],
    draw: (random) =>
      single(random, SYNCHROTRON, electrolyte, (phase) => {
        const x = random.uniform(0, 0.8);
        return {
          phase: changed(phase, substitute(phase.structure, { kind: 'in-on-6h', dopant: INDIUM }, x), {
            'Li3YCl6.x': x,
          }),
        };
      }),
  },
  {
    name: 'indium on 6h, yttrium exchanged',
    source: SYNCHROTRON,
    grid: BEAM_GRID,
    args: ['--refine', ...BASIC, '--dopant', 'In:Li3YCl6', '--migration'],
    draw: (random) =>
      single(random, SYNCHROTRON, electrolyte, (phase) => {
        const [x, y] = [random.uniform(0, 0.28), random.uniform(0, 0.1)];
        const doped = substitute(phase.structure, { kind: 'in-on-6h', dopant: INDIUM }, x);
        return {
          phase: changed(phase, substitute(doped, { kind: 'y-migration' }, y), {
            'Li3YCl6.x': x,
            'Li3YCl6.y_migration': y,
          }),
        };
      }),
  },
  {
    name: 'lead and barium on one site',
    source: LAB,
    grid: LAB_GRID,
    args: ['--refine', ...BASIC, '--sites', 'PbBaSO4.occ:Pb/Ba'],
    draw: (random) =>
      single(random, LAB, known.mixedSulphate, (phase) => {
        const lead = random.uniform(0, 1);
        return {
          phase: changed(phase, occupied(phase.structure, 'Pb/Ba', [lead, 1 - lead]), {
            'PbBaSO4.occ:Pb/Ba': lead,
          }),
        };
      }),
  },
  {
    name: 'vacant oxygen',
    source: LAB,
    grid: LAB_GRID,
    args: ['--refine', ...BASIC, '--sites', 'PbSO4.occ:O1', 'PbSO4.occ:O3'],
    draw: (random) =>
      single(random, LAB, known.pbso4, (phase) => {
        const [one, three] = [random.uniform(0.6, 1), random.uniform(0.6, 1)];
        const vacant = occupied(occupied(phase.structure, 'O1', [one]), 'O3', [three]);
        return { phase: changed(phase, vacant, { 'PbSO4.occ:O1': one, 'PbSO4.occ:O3': three }) };
      }),
  },
  anisotropic('U_ij, trigonal', known.quartz, LAB),
  anisotropic('U_ij, monoclinic', known.baddeleyite, LAB),
  texture('texture, Li3YCl6 001', electrolyte, [0, 0, 1], SYNCHROTRON),
  texture('texture, calcite 104', known.calcite, [1, 0, 4], LAB),
  texture('texture, monoclinic 100', known.baddeleyite, [1, 0, 0], LAB),
  {
    name: 'axial divergence',
    source: LAB,
    grid: LAB_GRID,
    args: ['--refine', ...BASIC, 'SH/L'],
    draw: (random) => {
      const drawn = mixture('', [known.lab6, known.silicon]).draw(random);
      const asymmetry = random.uniform(0.01, 0.05);
      const pattern = { ...drawn.pattern, axial: asymmetry };
      return { ...drawn, pattern, truth: { ...drawn.truth, 'SH/L': asymmetry } };
    },
  },
  mixture('two phases', [known.quartz, known.calcite]),
  mixture('three phases', [known.quartz, known.calcite, known.baddeleyite]),
  {
    name: 'Le Bail',
    source: LAB,
    grid: LAB_GRID,
    args: ['--refine', 'zero', 'W', 'X', '*.cell', '--le-bail'],
    draw: (random) => {
      const drawn = texture('', known.baddeleyite, [1, 0, 0], LAB).draw(random);
      const { 'baddeleyite.B': _B, 'baddeleyite.texture': _r, ...truth } = drawn.truth;
      return { ...drawn, truth };
    },
  },
  {
    name: 'size and strain',
    source: LAB,
    grid: LAB_GRID,
    args: ['--refine', 'zero', '*.cell', '*.B', '*.X', '*.Y', '--set', 'U=2', 'V=-1', 'W=5', 'X=1'],
    draw: (random) => {
      const drawn = mixture('', [known.calcite, known.baddeleyite]).draw(random);
      const { W: _W, X: _X, ...truth } = drawn.truth;
      const { Zero } = drawn.pattern.instrument;
      const phases = drawn.pattern.phases.map((phase) => ({
        ...phase,
        size_um: 10 ** random.uniform(-1.7, -0.5),
        microstrain: random.uniform(300, 3000),
      }));
      drawn.given.forEach(({ name }, k) => {
        truth[`${name}.X`] = (1.8 * LAB.wavelengths[0]!) / (Math.PI * phases[k]!.size_um);
        truth[`${name}.Y`] = (0.018 * phases[k]!.microstrain) / Math.PI;
      });
      const instrument = { Zero: Zero!, U: 2, V: -1, W: 5, X: 1 };
      return { ...drawn, pattern: { ...drawn.pattern, phases, instrument }, truth };
    },
  },
  {
    name: 'displacement',
    source: LAB,
    grid: LAB_GRID,
    args: ['--refine', 'displacement', 'W', 'X', '*.cell', '*.B'],
    draw: (random) => displaced(random, 0),
  },
  {
    name: 'displacement and zero',
    source: LAB,
    grid: LAB_GRID,
    args: ['--refine', 'displacement', ...BASIC],
    draw: (random) => displaced(random, random.uniform(-0.04, 0.04)),
  },
  {
    name: 'angles left out',
    source: LAB,
    grid: LAB_GRID,
    args: ['--refine', ...BASIC, '--range', '20:90', '--exclude', '30.5:33', '37.5:39.5'],
    draw: (random) => {
      const drawn = single(random, LAB, known.pbso4);
      const intruders = [31.6, 38.4, 17.2].map((at_deg) => ({
        at_deg,
        height: random.uniform(0.3, 3),
        fwhm_deg: 0.15,
      }));
      return { ...drawn, pattern: { ...drawn.pattern, intruders } };
    },
  },
  {
    name: 'empty and full sites',
    source: LAB,
    grid: LAB_GRID,
    args: ['--refine', ...BASIC, '--sites', 'PbBaSO4.occ:Pb/Ba', 'PbBaSO4.occ:O1'],
    draw: (random) =>
      single(random, LAB, known.mixedSulphate, (phase) => {
        const lead = random.integer(2);
        return {
          phase: changed(phase, occupied(phase.structure, 'Pb/Ba', [lead, 1 - lead]), {
            'PbBaSO4.occ:Pb/Ba': lead,
            'PbBaSO4.occ:O1': 1,
          }),
        };
      }),
  },
];

function displaced(random: Random, zero: number): Drawn {
  const drawn = single(random, LAB, known.pbso4);
  const shift_um = random.uniform(-150, 150);
  const truth = { ...drawn.truth, zero, displacement: (-2 * shift_um * 180) / (Math.PI * 1000 * 200) };
  const instrument = { ...drawn.pattern.instrument, Zero: zero };
  return { ...drawn, truth, pattern: { ...drawn.pattern, instrument, shift_um, radius_mm: 200 } };
}
