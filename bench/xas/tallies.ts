/** Counts of how often intervals hold the truth, by name, and of other events. */
export class Tallies {
  private readonly counts = new Map<string, { inside: number; all: number; pulls: number[] }>();
  private readonly events = new Map<string, number>();

  /** A value with its standard uncertainty beside the truth. */
  judge(name: string, value: number, sigma: number, truth: number): void {
    const pull = (value - truth) / sigma;
    this.count(name, Math.abs(pull) < 1.96, pull);
  }

  /** A one-sided limit holds if the truth lies below. */
  judgeLimit(name: string, limit: number, truth: number): void {
    this.count(name, truth <= limit, Number.NaN);
  }

  tell(event: string): void {
    this.events.set(event, (this.events.get(event) ?? 0) + 1);
  }

  private count(name: string, inside: boolean, pull: number): void {
    const tally = this.counts.get(name) ?? { inside: 0, all: 0, pulls: [] };
    tally.all++;
    if (inside) tally.inside++;
    tally.pulls.push(pull);
    this.counts.set(name, tally);
  }

  print(): void {
    for (const [name, { inside, all, pulls }] of [...this.counts].sort(([a], [b]) => a.localeCompare(b))) {
      const share = ((100 * inside) / all).toFixed(1).padStart(5);
      const known = pulls.filter(Number.isFinite);
      const mean = known.reduce((sum, pull) => sum + pull, 0) / known.length;
      const middle = known.map(Math.abs).sort((a, b) => a - b)[Math.floor(0.683 * known.length)];
      const shape = known.length
        ? `, pulls ${mean.toFixed(2)} ± ${middle!.toFixed(2)} (68 %), worst ${Math.max(...known.map(Math.abs)).toFixed(1)}`
        : '';
      console.log(`${name.padEnd(28)} ${share} % of ${String(all).padStart(4)}${shape}`);
    }
    for (const [event, times] of [...this.events].sort()) console.log(`${event}: ${times} times`);
  }
}
