import type { SpectrumCurves } from '../../result.js';
import { itemName, type NexusGroup, type NexusReader } from '../common/nexus-tree.js';

type Decomposition = NonNullable<SpectrumCurves['peaks']>;
type Mixture = NonNullable<SpectrumCurves['lcf']>;
const energyAxis = { units: 'eV', longName: 'energy (eV)' };

/** One spectrum; its default plot is the normalised absorption. */
export function writeSpectrum(parent: NexusGroup, spectrum: SpectrumCurves, index: number): string {
  const { label, edge } = spectrum;
  const name = itemName('spectrum', index, `${label}_${edge}`);
  const group = parent.child(name, 'NXcollection').attribute('default', 'normalized');
  group.text('label', label).text('edge', edge);
  const normalized = group.data('normalized', 'norm', ['energy'], `${label}, ${edge} edge, normalised`);
  normalized.numbers('energy', spectrum.energy_eV, energyAxis);
  normalized.numbers('norm', spectrum.norm, {
    longName: 'normalised absorption',
    interpretation: 'spectrum',
  });
  normalized.numbers('norm_errors', spectrum.sigma);
  normalized.numbers('flat', spectrum.flat, { longName: 'flattened absorption' });
  const raw = group.data('absorption', 'mu', ['energy'], `${label}, ${edge} edge, as measured`);
  raw.attribute('auxiliary_signals', ['pre_edge', 'post_edge']);
  raw.numbers('energy', spectrum.energy_eV, energyAxis);
  raw.numbers('mu', spectrum.mu, { longName: 'absorption', interpretation: 'spectrum' });
  raw.numbers('pre_edge', spectrum.preEdge, { longName: 'pre-edge' });
  raw.numbers('post_edge', spectrum.postEdge, { longName: 'post-edge' });
  const derivative = group.data('derivative', 'derivative', ['energy'], `${label}, ${edge} edge, derivative`);
  derivative.numbers('energy', spectrum.energy_eV, energyAxis);
  derivative.numbers('derivative', spectrum.derivative, {
    units: '1/eV',
    longName: 'derivative (1/eV)',
    interpretation: 'spectrum',
  });
  if (spectrum.peaks) writeParts(group, 'peaks', spectrum.peaks, `${label}: peaks before the edge`);
  if (spectrum.lcf) writeParts(group, 'lcf', spectrum.lcf, `${label}: linear combination`);
  return name;
}

/** Viewers draw the measured curve with its fit and all parts of it. */
function writeParts(
  parent: NexusGroup,
  name: string,
  parts: Mixture & { baseline?: Float64Array },
  title: string,
): void {
  const names = parts.components.map((component, i) => itemName('component', i, component.name));
  const also = ['fit', ...(parts.baseline ? ['baseline'] : []), ...names];
  const data = parent.data(name, 'data', ['energy'], title).attribute('auxiliary_signals', also);
  data.numbers('energy', parts.energy_eV, energyAxis);
  data.numbers('data', parts.data, { longName: 'normalised absorption', interpretation: 'spectrum' });
  data.numbers('fit', parts.fit, { longName: 'fit' });
  data.text(
    'component_names',
    parts.components.map((component) => component.name),
  );
  parts.components.forEach((component, i) => {
    data.numbers(names[i]!, component.values, { longName: component.name });
  });
  if (parts.baseline) data.numbers('baseline', parts.baseline, { longName: 'baseline' });
}

export function readSpectrum(group: NexusReader): SpectrumCurves {
  const normalized = group.at('normalized');
  const raw = group.at('absorption');
  return {
    label: group.text('label'),
    edge: group.text('edge'),
    energy_eV: normalized.numbers('energy'),
    mu: raw.numbers('mu'),
    norm: normalized.numbers('norm'),
    flat: normalized.numbers('flat'),
    sigma: normalized.numbers('norm_errors'),
    preEdge: raw.numbers('pre_edge'),
    postEdge: raw.numbers('post_edge'),
    derivative: group.at('derivative').numbers('derivative'),
    peaks: group.has('peaks') ? readPeaks(group.at('peaks')) : null,
    lcf: group.has('lcf') ? readParts(group.at('lcf')) : null,
  };
}

const readPeaks = (data: NexusReader): Decomposition => ({
  ...readParts(data),
  baseline: data.numbers('baseline'),
});

function readParts(data: NexusReader): Mixture {
  return {
    energy_eV: data.numbers('energy'),
    data: data.numbers('data'),
    fit: data.numbers('fit'),
    components: data.texts('component_names').map((name, i) => ({
      name,
      values: data.numbers(itemName('component', i, name)),
    })),
  };
}
