/** Names of a cell's regions from what its classes hold. */
export type RegionName = 'cathode' | 'electrolyte' | 'aei' | 'anode' | 'other';

export interface ClassProfile {
  /** Mean effective counts by element symbol. */
  mean: Record<string, number>;
  pixels: number;
  /** Mean coordinate across the layers, in pixels. */
  across: number;
}

/** An element whose mean counts stay below this in every class was not seen: its relative levels say nothing. */
const fewestCounts = 0.05;

/**
 * Relative levels decide (each element over its highest class), because absolute ones depend on lines, detector and
 * incident energy: the anode holds In and neither Y nor Cl; the electrolyte Y and Cl and the least In; the AEI
 * Y and Cl with more In than the electrolyte, between it and the anode; the cathode little of all three, or Y and Cl
 * diluted on the far side of the electrolyte. Several classes may carry one name. Without Y (or Cl) and In nothing
 * can be named and all are 'other'.
 */
export function nameRegions(classes: readonly ClassProfile[]): RegionName[] {
  const level = (symbol: string): number[] | null => {
    if (!classes.every((c) => Number.isFinite(c.mean[symbol]))) return null;
    const top = Math.max(...classes.map((c) => c.mean[symbol]));
    return top > fewestCounts ? classes.map((c) => c.mean[symbol] / top) : null;
  };
  // One class alone has nothing beside it to be poorer or richer than.
  const indium = classes.length > 1 ? level('In') : null;
  const hosts = [level('Y'), level('Cl')].filter((l) => l !== null);
  const names = classes.map((): RegionName => 'other');
  if (!indium || hosts.length === 0) return names;
  const host = classes.map((_, k) => Math.min(...hosts.map((h) => h[k])));
  const highestHost = classes.map((_, k) => Math.max(...hosts.map((h) => h[k])));

  const free = new Set(classes.keys());
  const anode = pick(free, (k) => indium[k] - highestHost[k]);
  const hasAnode = anode !== null && indium[anode] - highestHost[anode] > 0.25;
  if (hasAnode) {
    names[anode] = 'anode';
    free.delete(anode);
  }
  const rich = [...free].filter((k) => host[k] >= 0.55);
  if (rich.length === 0) {
    for (const k of free) names[k] = host[k] < 0.3 && indium[k] < 0.3 ? 'cathode' : 'other';
    return names;
  }
  const ratio = (k: number): number => indium[k] / Math.max(host[k], 1e-6);
  const electrolyte = electrolyteOf(rich, ratio, classes);
  names[electrolyte] = 'electrolyte';
  free.delete(electrolyte);
  const side = hasAnode ? Math.sign(classes[anode].across - classes[electrolyte].across) : 0;
  const background = Math.min(...indium);
  for (const k of free) {
    const beyond = (classes[k].across - classes[electrolyte].across) * side;
    const moreIndium = indium[k] - background > 1.5 * (indium[electrolyte] - background) + 0.03;
    if (host[k] >= 0.15 && moreIndium && ratio(k) > 1.3 * ratio(electrolyte) && (side === 0 || beyond > 0))
      names[k] = 'aei';
    else if (hasAnode && indium[k] - highestHost[k] > 0.25 && beyond > 0) names[k] = 'anode';
    else if (host[k] >= 0.8 && indium[k] < 1.5 * indium[electrolyte] + 0.03) names[k] = 'electrolyte';
    else if (highestHost[k] < 0.8 && indium[k] < 0.35 && (side === 0 || beyond < 0)) names[k] = 'cathode';
  }
  return names;
}

/** The largest of the classes whose In to host ratio is close to the lowest. */
function electrolyteOf(
  rich: number[],
  ratio: (k: number) => number,
  classes: readonly ClassProfile[],
): number {
  const lowest = Math.min(...rich.map(ratio));
  const near = rich.filter((k) => ratio(k) <= 1.3 * lowest + 0.02);
  return near.reduce((a, b) => (classes[b].pixels > classes[a].pixels ? b : a));
}

function pick(free: Set<number>, score: (k: number) => number): number | null {
  let best: number | null = null;
  for (const k of free) if (best === null || score(k) > score(best)) best = k;
  return best;
}
