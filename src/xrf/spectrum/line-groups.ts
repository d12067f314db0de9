import { edgesOf } from '../../reference/edges.js';
import { element as elementOf, elementSymbol } from '../../reference/elements.js';
import { type ExcitedLine, excitedLines } from '../../reference/lines.js';

/** The lines of one shell of an element, which rise and fall together. */
export interface LineGroup {
  /** 'Fe', or 'La L' where the shell is not K. */
  name: string;
  element: string;
  shell: 'K' | 'L' | 'M';
  lines: { name: string; energy_eV: number; share: number }[];
  /** The strongest line. */
  main: { name: string; energy_eV: number };
}

export interface GroupRequest {
  incident_eV: number | null;
  /** Energies that the detector and the fitted range can show. */
  lowest_eV: number;
  highest_eV: number;
}

const shells = ['K', 'L', 'M'] as const;

/**
 * The lines that an element shows: 'Fe' takes the shell with the strongest excited and visible lines, 'La L' or
 * 'Fe K' or 'Fe Ka' a stated one. Returns the reason instead where nothing can be seen, in particular for a shell whose
 * edge lies above the incident energy.
 */
export function lineGroup(
  request: string,
  { incident_eV, lowest_eV, highest_eV }: GroupRequest,
): LineGroup | { refused: string } {
  const [, symbolText, shellText] = /^\s*([A-Za-z]{1,2})[\s_-]*([KLM])?[abg]?\d?\s*$/.exec(request) ?? [];
  if (!symbolText) return { refused: `'${request}' is not an element or an element with a shell (Fe, La L)` };
  const symbol = elementOf(symbolText[0].toUpperCase() + symbolText.slice(1).toLowerCase()).symbol;
  const excited = excitedLines(symbol, incident_eV ?? 60000);
  const wanted = shellText ? shells.filter((s) => s === shellText) : shells;
  let best: { shell: (typeof shells)[number]; lines: ExcitedLine[]; strength: number } | null = null;
  for (const shell of wanted) {
    const lines = excited.filter((l) => l.initialLevel[0] === shell);
    const strength = lines.reduce(
      (s, l) => s + (l.energy_eV >= lowest_eV && l.energy_eV <= highest_eV ? l.strength_cm2_g : 0),
      0,
    );
    if (strength > (best?.strength ?? 0)) best = { shell, lines, strength };
  }
  if (!best)
    return { refused: refusal(symbol, shellText ?? null, excited, { incident_eV, lowest_eV, highest_eV }) };
  const total = best.lines.reduce((s, l) => s + l.strength_cm2_g, 0);
  const lines = best.lines
    .map((l) => ({ name: l.name, energy_eV: l.energy_eV, share: l.strength_cm2_g / total }))
    .filter((l) => l.share > 1e-4)
    .sort((a, b) => b.share - a.share);
  return {
    name: best.shell === 'K' ? symbol : `${symbol} ${best.shell}`,
    element: symbol,
    shell: best.shell,
    lines,
    main: { name: lines[0].name, energy_eV: lines[0].energy_eV },
  };
}

function refusal(
  symbol: string,
  shell: string | null,
  excited: ExcitedLine[],
  { incident_eV, lowest_eV, highest_eV }: GroupRequest,
): string {
  const edges = edgesOf(symbol).filter(
    (e) => e.energy_eV >= lowest_eV && (shell ? e.edge[0] === shell : true),
  );
  const closed = edges.filter((e) => incident_eV !== null && e.energy_eV >= incident_eV);
  if (closed.length > 0 && closed.length === edges.length) {
    const lowest = closed.reduce((a, b) => (b.energy_eV < a.energy_eV ? b : a));
    const left =
      excited.length > 0
        ? '; only weaker shells below the detected range, or scatter, can stand behind such a signal'
        : '';
    return `${symbol} ${lowest.edge[0]} lines need more than ${lowest.energy_eV.toFixed(0)} eV, but the incident energy is ${incident_eV} eV${left}`;
  }
  return `${symbol}${shell ? ` ${shell}` : ''} has no line between ${lowest_eV.toFixed(0)} and ${highest_eV.toFixed(0)} eV`;
}

/**
 * Elements of a ready-made element map whose name promises a fluorescence line that the incident energy cannot excite,
 * as sentences (In at 2900 eV: its L edges begin at 3730 eV). Detectors are taken to see down to 1000 eV.
 */
export function impossibleLines(elements: readonly string[], incident_eV: number | null): string[] {
  if (incident_eV === null) return [];
  return elements.flatMap((name) => {
    if (elementSymbol(name.trim().split(/[\s_-]/u)[0]!) === null) return [];
    const group = lineGroup(name, { incident_eV, lowest_eV: 1000, highest_eV: incident_eV });
    return 'refused' in group
      ? [`The ${name} map cannot be ${name} fluorescence as it is usually meant: ${group.refused}.`]
      : [];
  });
}
