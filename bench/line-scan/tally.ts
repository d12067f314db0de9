/** Counts how often a scan's answer is right and its intervals cover. */
export interface JudgedAnswer {
  present: boolean | null;
  x: { value: number; sigma: number; interval95: [number, number] } | null;
  boundaries: { name: string; position_um: number; sigma_um: number; interval95_um: [number, number] }[];
  thickness?: { interval95: [number, number] } | null;
  /** Best first. */
  hypotheses: string[];
}

export interface JudgedTruth {
  hypothesis: string;
  amount: number;
  edges_um: number[];
}

const onLithium = (name: string): boolean => name === 'in-on-6h' || name === 'in-on-6g';
const inside = ([low, high]: [number, number], value: number): boolean => low <= value && value <= high;
const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const rms = (values: number[]): number => Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length);

class Coverage {
  private hits = 0;
  private readonly errors: number[] = [];
  private readonly z: number[] = [];

  constructor(private readonly name: string) {}

  add(value: number, sigma: number, interval: [number, number], truth: number): boolean {
    const hit = inside(interval, truth);
    if (hit) this.hits++;
    this.errors.push(Math.abs(value - truth));
    this.z.push((value - truth) / sigma);
    return hit;
  }

  get count(): number {
    return this.errors.length;
  }
  get fraction(): number {
    return this.hits / this.errors.length;
  }
  get medianError(): number {
    return median(this.errors);
  }

  toString(): string {
    const mean = this.z.reduce((s, v) => s + v, 0) / this.z.length;
    return `${this.name}: 95 % interval covers ${(100 * this.fraction).toFixed(1)} % of ${this.count}; median |error| ${this.medianError.toFixed(4)}; (value - truth) / sigma: rms ${rms(this.z).toFixed(2)}, mean ${mean.toFixed(2)}`;
  }
}

export class Tally {
  readonly x = new Coverage('x');
  readonly inner = new Coverage('anode edge (um)');
  readonly outer = new Coverage('aei|electrolyte (um)');
  readonly thickness = { hits: 0, count: 0 };
  layers = 0;
  found = 0;
  none = 0;
  falseLayers = 0;
  cannotTell = 0;
  right = 0;
  rightOrLithium = 0;
  xMissing = 0;

  /** Adds one scan; returns what went wrong, in words, for the log. */
  add(answer: JudgedAnswer, truth: JudgedTruth): string[] {
    const faults: string[] = [];
    const edge = (coverage: Coverage, name: RegExp, at: number): void => {
      const found = answer.boundaries.find((b) => name.test(b.name));
      if (!found) faults.push(`no ${name.source}`);
      else if (!coverage.add(found.position_um, found.sigma_um, found.interval95_um, at))
        faults.push(
          `${found.name} ${found.position_um.toFixed(2)}+-${found.sigma_um.toFixed(2)} not ${at.toFixed(2)}`,
        );
    };
    if (answer.present === null) this.cannotTell++;
    if (truth.hypothesis === 'none') {
      this.none++;
      if (answer.present) {
        this.falseLayers++;
        faults.push('false layer');
      }
      edge(this.inner, /^anode/, truth.edges_um[0]);
      return faults;
    }
    this.layers++;
    if (!answer.present) return ['layer missed'];
    this.found++;
    edge(this.inner, /^anode/, truth.edges_um[0]);
    edge(this.outer, /electrolyte$/, truth.edges_um[1]);
    if (answer.thickness) {
      this.thickness.count++;
      if (inside(answer.thickness.interval95, truth.edges_um[1] - truth.edges_um[0])) this.thickness.hits++;
    }
    const best = answer.hypotheses[0];
    if (best === truth.hypothesis) this.right++;
    else faults.push(`${best} instead of ${truth.hypothesis}`);
    if (best === truth.hypothesis || (onLithium(best) && onLithium(truth.hypothesis))) this.rightOrLithium++;
    if (onLithium(truth.hypothesis)) {
      if (!answer.x) {
        this.xMissing++;
        faults.push('x not given');
      } else if (!this.x.add(answer.x.value, answer.x.sigma, answer.x.interval95, truth.amount))
        faults.push(
          `x ${answer.x.value.toFixed(3)}+-${answer.x.sigma.toFixed(3)} not ${truth.amount.toFixed(3)}`,
        );
    }
    return faults;
  }

  toString(): string {
    const share = (a: number, b: number): string =>
      `${b > 0 ? ((100 * a) / b).toFixed(1) : '-'} % (${a}/${b})`;
    return [
      `${this.x}; not given ${this.xMissing}`,
      `${this.inner}`,
      `${this.outer}`,
      `thickness: covers ${share(this.thickness.hits, this.thickness.count)}`,
      `layers found ${share(this.found, this.layers)}; false layers ${share(this.falseLayers, this.none)}; cannot tell ${this.cannotTell}`,
      `right hypothesis first ${share(this.right, this.found)}; counting 6g and 6h as one ${share(this.rightOrLithium, this.found)}`,
    ].join('\n');
  }
}

/** Hypotheses in the order of their share of the scans. */
export const HYPOTHESIS_CYCLE = [
  'in-on-6h',
  'none',
  'in-on-6h',
  'in-on-6g',
  'none',
  'in-on-6h',
  'in-on-y',
  'none',
  'in-on-6h',
  'y-migration',
] as const;
