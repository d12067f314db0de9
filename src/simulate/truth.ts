import { phaseNames } from './experiment-text.js';
import type { SimulatedExperiment } from './kim2024.js';

/** What truth.json holds: everything that the analysis is meant to find, named as in result.json where it can be. */
export function truthOf(experiment: SimulatedExperiment): Record<string, unknown> {
  const { preset, seed, settings, cell, scan, spectra, map, stack } = experiment;
  const [first, second] = cell.edges_um;
  return {
    schema: 'interphase-truth/1',
    preset,
    seed,
    sample: settings.sample,
    settings,
    lineScans: scan
      ? [
          {
            name: 'cross-section',
            positions_um: [...scan.positions_um],
            phases: phaseNames,
            aei: {
              present: cell.present,
              x: cell.kind.startsWith('in-on-6') ? cell.amount : null,
              thickness_um: cell.present ? second! - first! : null,
            },
            hypothesis: { name: cell.kind, amount: cell.amount },
            boundaries: cell.present
              ? [
                  { name: 'anode|aei', position_um: first, width_um: settings.width },
                  { name: 'aei|electrolyte', position_um: second, width_um: settings.width },
                ]
              : [{ name: 'anode|electrolyte', position_um: first, width_um: settings.width }],
            fractions: {
              anode: [...scan.fractions.anode],
              aei: [...scan.fractions.aei],
              electrolyte: [...scan.fractions.electrolyte],
            },
            zero_deg: settings.zero,
          },
        ]
      : [],
    spectra: spectra.map(({ label, element, edge, role, truth }) => ({
      label,
      edge: `${element} ${edge}`,
      role,
      ...truth,
    })),
    maps: [
      ...(map ? [{ name: 'xrf', aei_present: cell.present, ...map.truth }] : []),
      ...(stack ? [{ name: 'y-valence', ...stack.truth }] : []),
    ],
  };
}
