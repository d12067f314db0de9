/** What the numbers of a scan say, in words, and what must be warned of. */
import type { LineScanResult } from '../../result.js';
import { type CoupledScan, INDISTINCT_DELTA_BIC, type Interval } from '../coupled/coupled-scan.js';
import type { ObservedScan } from '../lines/observe-scan.js';
import { amountProfile } from './estimators.js';

const NAMES: Record<string, string> = {
  'in-on-6h': 'on the lithium site 6h',
  'in-on-6g': 'on the lithium site 6g',
  'in-on-y': 'on the yttrium sites',
  'y-migration': 'yttrium on the lithium site 6h',
  none: 'no layer',
};

/** What is said of beside the coupled model and the estimators. */
interface Known {
  observed: ObservedScan;
  dopant: string | null;
  /** What x would be if one lithium left for each dopant ion. */
  oneLithium: Interval | null;
}

export class LineScanSentences {
  private readonly observed: ObservedScan;
  private readonly dopant: string | null;
  private readonly oneLithium: Interval | null;

  constructor(
    private readonly coupled: CoupledScan,
    private readonly estimators: LineScanResult['estimators'],
    { observed, dopant, oneLithium }: Known,
  ) {
    this.observed = observed;
    this.dopant = dopant;
    this.oneLithium = oneLithium;
  }

  statements(): string[] {
    return [...this.presence(), ...this.ranking(), ...this.variants(), ...this.gradient()];
  }

  warnings(): string[] {
    const warnings = this.dopant === null ? [] : [...this.coupled.reasons];
    if (this.dopant === null)
      warnings.push(
        'no dopant is named in the experiment: line ratios are not compared and no layer is looked for',
      );
    if (this.observed.anodePhases.length === 0)
      warnings.push('no metallic phase is named: the edge of the anode is not looked for');
    else if (!this.coupled.boundaries.some((b) => b.name.startsWith('anode')))
      warnings.push('no edge of the anode was found in the scan');
    return [...warnings, ...this.disagreement()];
  }

  private presence(): string[] {
    const { present, deltaBic, thickness, x } = this.coupled;
    if (present === false)
      return [
        `No layer: all patterns of the electrolyte show the same line ratios within their scatter. One that reaches beyond the scan would do so too: by the absolute intensities it holds no more than a little ${this.dopant ?? 'dopant'} on lithium sites; ${this.dopant ?? 'the dopant'} on the yttrium sites would not be seen in them.`,
      ];
    if (!present || deltaBic === null) return [];
    const parts = [
      `A layer that differs from the pristine electrolyte is there (BIC better by ${deltaBic.toFixed(0)}).`,
    ];
    if (thickness)
      parts.push(
        `Its thickness by diffraction is ${thickness.value.toFixed(1)} +- ${thickness.sigma.toFixed(1)} um.`,
      );
    if (x)
      parts.push(
        `x = ${x.value.toFixed(3)} +- ${x.sigma.toFixed(3)} ${this.dopant ?? 'dopant'} per formula unit on lithium sites, counted as Li3-3xInxYCl6.`,
      );
    if (this.oneLithium)
      parts.push(
        `Diffraction cannot tell how much lithium left: if one Li leaves for each ${this.dopant ?? 'dopant'}, the same lines mean x = ${this.oneLithium.value.toFixed(3)} +- ${this.oneLithium.sigma.toFixed(3)}.`,
      );
    return [parts.join(' ')];
  }

  private ranking(): string[] {
    const { hypotheses, present } = this.coupled;
    if (!present || hypotheses.length < 2) return [];
    const [best, ...others] = hypotheses;
    const label = (name: string): string =>
      name === 'y-migration' || name === 'none'
        ? NAMES[name]
        : `${this.dopant ?? 'the dopant'} ${NAMES[name]}`;
    const close = others.filter((h) => h.deltaBic < INDISTINCT_DELTA_BIC && h.name !== 'none');
    const names = close.map((h) => label(h.name));
    if (close.length === 0)
      return [`Best explained by ${label(best.name)} (weight ${best.weight.toFixed(2)}).`];
    const pair = [best, ...close].map((h) => h.name);
    if (pair.length === 2 && pair.includes('in-on-6h') && pair.includes('in-on-6g'))
      return [
        '6h and 6g cannot be told apart by these data: only lines of odd l (301, 303) differ, and they depend on the order of yttrium too.',
      ];
    return [
      `Cannot tell ${[label(best.name), ...names].join(' from ')}: their BIC differ by less than ${INDISTINCT_DELTA_BIC}.`,
    ];
  }

  private variants(): string[] {
    const { variants, present } = this.coupled;
    const [first] = [...variants].sort((a, b) => b.weight - a.weight);
    if (!present || variants.length < 2 || !first) return [];
    return first.weight > 0.95
      ? [
          `The pristine lines fit the structure variant '${first.name}' best (weight ${first.weight.toFixed(2)}).`,
        ]
      : [
          `The pristine lines do not settle the variant of the structure: ${variants.map((v) => `${v.name} ${v.weight.toFixed(2)}`).join(', ')}; results are averaged over these variants.`,
        ];
  }

  /** A trend of the amount inside the layer. */
  private gradient(): string[] {
    const { detail } = this.coupled;
    if (!detail) return [];
    const inside = amountProfile(detail).filter((a, i) => detail.share[i] > 0.95 && a.sigma > 0);
    if (inside.length < 5) return [];
    const { slope, sigma } = weightedSlope(inside);
    return Math.abs(slope) > 3.5 * sigma
      ? [
          `The amount is not constant inside the layer: it changes by ${slope.toFixed(4)} +- ${sigma.toFixed(4)} per um along the scan; the values given are its mean.`,
        ]
      : [];
  }

  private disagreement(): string[] {
    const scan = this.estimators['line-scan'];
    if (!scan) return [];
    const causes = {
      pattern:
        'single patterns take the structure, polarisation and background for granted; look at their Rwp, and at integration and variant',
      'double-ratio':
        'one pair of lines is open to an overlap or a coarse grain; look at those two lines in the patterns of the layer',
    };
    return (['pattern', 'double-ratio'] as const).flatMap((name) => {
      const other = this.estimators[name];
      if (!other) return [];
      const distance = Math.abs(other.value - scan.value) / Math.hypot(other.sigma, scan.sigma, 0.005);
      return distance > 3.5
        ? [
            `the ${name} estimate of x (${other.value.toFixed(3)} +- ${other.sigma.toFixed(3)}) disagrees with that of the whole scan (${scan.value.toFixed(3)} +- ${scan.sigma.toFixed(3)}): ${causes[name]}`,
          ]
        : [];
    });
  }
}

function weightedSlope(points: { position_um: number; value: number; sigma: number }[]): {
  slope: number;
  sigma: number;
} {
  let w = 0;
  let wp = 0;
  let wv = 0;
  for (const { position_um: p, value, sigma } of points) {
    const weight = 1 / (sigma * sigma);
    w += weight;
    wp += weight * p;
    wv += weight * value;
  }
  let top = 0;
  let bottom = 0;
  for (const { position_um: p, value, sigma } of points) {
    top += ((p - wp / w) * (value - wv / w)) / (sigma * sigma);
    bottom += (p - wp / w) ** 2 / (sigma * sigma);
  }
  let chi2 = 0;
  for (const { position_um: p, value, sigma } of points)
    chi2 += ((value - wv / w - (top / bottom) * (p - wp / w)) / sigma) ** 2;
  const scale = Math.sqrt(Math.max(1, chi2 / Math.max(1, points.length - 2)));
  return { slope: top / bottom, sigma: scale / Math.sqrt(bottom) };
}
