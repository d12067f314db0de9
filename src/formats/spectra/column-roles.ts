import type { Column, ColumnRole, MuSource } from '../../measurement.js';

/** First rule that fits wins; names are compared in lower case without their unit in brackets. */
const RULES: [ColumnRole, RegExp][] = [
  ['other', /request|setpoint|target|gain|offset|(?:^|[^a-z])(?:time|clock|seconds|dwell|live|temp)/u],
  [
    'energy',
    /^(?:achieved[\s_]?|e?mono[\s_]?|photon[\s_]?|dcm[\s_]?|enc[\s_]?|e?bragg[\s_]?|zap)?(?:energy|energie|nrj|ener|en|hv|e)(?:[\s_.-]?(?:ev|kev|enc|encoder))?$/u,
  ],
  ['energy', /^energy(?:[\s_.-]|$)|[\s_.-]energy$/u],
  ['angle', /^(?:mono[\s_]?)?(?:angle|theta|bragg)(?:[\s_]?(?:c|o|deg|degrees|rad))?$|angle\(c\)/u],
  ['norm', /^(?:mu)?norm(?:trans|fluor|refer|alized|alised)?(?:_?mu)?$|^flat(?:tened)?$|^norm_?mu$/u],
  ['mufluor', /^mu_?f(?:luor?)?$|^fluor_?mu$/u],
  ['murefer', /^mu_?r(?:ef(?:er)?)?$/u],
  ['mutrans', /^(?:x?mu|mux|mu\(e\)|mu_?t(?:rans)?|xmudat|absorption|absorbance|abs)$/u],
  ['i0', /^(?:i0|io|i_0|i_?zero|izero|i00|monitor|mon|ic0|ion0|i0[\s_].*|.*[\s_-]i0|i_?mon|flux)$/u],
  ['itrans', /^(?:it|i_t|i1|i_1|itr|itrans|i_?trans(?:mission)?|trans(?:mission)?|ic1|ion1|i1[\s_].*)$/u],
  [
    'irefer',
    /^(?:ir|i_r|i2|i_2|iref|irefer(?:ence)?|i_?ref(?:erence)?|ref|refer|reference|ic2|ion2|i2[\s_].*|ir_?eh\d)$/u,
  ],
  [
    'fluorescence',
    /^(?:if|i_f|iff|ifl|ifluor?|i_?fluor?(?:escence)?|fluor?(?:escence)?|fluo|lytle|pips|pipsi?|ifluo|tfy|fy|i_?pips|sdd)$/u,
  ],
  [
    'fluorescence',
    /^(?:dtc|sca1?|fluo|ffdt|roi|corr|xmap_roi|fluor?_?corr|ifluor?|pba.*_roi|xsp_roi|kev)[\s_.-]?(?:ch)?[\s_.-]?\d*$/u,
  ],
  ['fluorescence', /^sca1(?:ch|[.:_])\d+$|^roi1_\d+$|^ch\d+roi1$/u],
];

/** The name in lower case without unit, unit number or index of its channel: 'I0-32', 'Energy_c1', 'Mono Energy (alt)'. */
const plain = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[,;*\s]+$/u, '')
    .replace(/\s*[([].*[)\]]?\s*$/u, '')
    .replace(/^mu\(e\).*/u, 'mu(e)')
    .replace(/(?<=[a-z0-9])(?:-\d+|_c\d+)$/u, '');

/** What a column of this name usually is. */
export function roleOfName(name: string): ColumnRole {
  const word = plain(name);
  return RULES.find(([, pattern]) => pattern.test(word))?.[0] ?? 'other';
}

const UNIT =
  /^(?:k?eV|counts?(?:\/s)?|cts|cps|[munp]?[AVs]|sec|seconds|deg|degrees|rad|[mun]?m|k?Hz|arb.*|a\.?u\.?)$/iu;

/** A unit in brackets in a column's name: 'Energy (eV)', 'energy[keV]', 'energy_keV'. */
export function unitInName(name: string): string | null {
  const unit =
    /[([]\s*([^)\]]+?)\s*[)\]]\s*$/u.exec(name)?.[1] ?? /energy[\s_.-](k?ev)$/iu.exec(name)?.[1] ?? '';
  return UNIT.test(unit) ? unit : null;
}

const SINGLE: ColumnRole[] = [
  'energy',
  'angle',
  'i0',
  'itrans',
  'irefer',
  'mutrans',
  'mufluor',
  'murefer',
  'norm',
];

/**
 * Columns with the roles that their names tell. Each role but fluorescence belongs to one column, the first; of several
 * kinds of fluorescence channels (dead-time corrected, regions of interest, an ion chamber) the best one keeps the role.
 */
export function inferColumns(
  names: string[],
  units: (string | null)[],
  values: Float64Array[],
  aliases: (string | null)[] = [],
): Column[] {
  const taken = new Set<ColumnRole>();
  const columns = names.map((name, i): Column => {
    let role = roleOfName(name);
    if (role === 'i0' && /^mon$/iu.test(name.trim()) && isSteady(values[i]!)) role = 'other';
    if (role === 'other' && aliases[i]) role = roleOfName(aliases[i]!);
    if (SINGLE.includes(role)) {
      if (taken.has(role)) role = 'other';
      taken.add(role);
    }
    return { name, unit: units[i] ?? unitInName(name), role, values: values[i]! };
  });
  return keepBestFluorescence(withEnergy(columns));
}

/** Rises or falls throughout: the position of a monochromator ('Mon' at some beamlines), not an intensity. */
function isSteady(values: Float64Array): boolean {
  const up = values.every((value, i) => i === 0 || value >= values[i - 1]!);
  return values.length > 5 && (up || values.every((value, i) => i === 0 || value <= values[i - 1]!));
}

/** Where no name is plainly an energy: one that says it was reached, else any that speaks of energy. */
function withEnergy(columns: Column[]): Column[] {
  if (columns.some(({ role }) => role === 'energy' || role === 'angle')) return columns;
  const candidates = [/energy.*(?:achieved|readback|fbk)|achieved/iu, /energy|nrj/iu].map((pattern) =>
    columns.findIndex(
      ({ name, role }) =>
        role === 'other' && pattern.test(name) && !/request|setpoint|edge|gain|:sp$|ring/iu.test(name),
    ),
  );
  const chosen = candidates.find((index) => index >= 0) ?? -1;
  return columns.map((column, i) => (i === chosen ? { ...column, role: 'energy' } : column));
}

const FLUORESCENCE_KINDS = [
  /^(?:dtc|corr|ffdt|fluor?_?corr)/iu,
  /^(?:sca|roi|xmap|xsp|sdd|ch\d|pba.*_roi|kev)/iu,
  /./u,
];

function keepBestFluorescence(columns: Column[]): Column[] {
  const found = columns.filter(({ role }) => role === 'fluorescence');
  const best = FLUORESCENCE_KINDS.find((kind) => found.some(({ name }) => kind.test(name.trim())));
  if (best === undefined) return columns;
  const kinds = FLUORESCENCE_KINDS.indexOf(best);
  const rank = (name: string): number => FLUORESCENCE_KINDS.findIndex((kind) => kind.test(name.trim()));
  return columns.map((column) =>
    column.role === 'fluorescence' && rank(column.name) !== kinds ? { ...column, role: 'other' } : column,
  );
}

/**
 * How a plot hint such as 'ln(It/Ir) -- ln($6/$7)' or '($8+$9)/$5' makes mu; column numbers count from 1.
 */
export function hintOf(hint: string, columns: Column[]): MuSource | null {
  const role = (text: string): ColumnRole => {
    const number = /^\$(\d+)$/u.exec(text.trim());
    return number ? (columns[Number(number[1]) - 1]?.role ?? 'other') : roleOfName(text);
  };
  const ratio = /ln\(\s*([^/()]+?)\s*\/\s*([^/()]+?)\s*\)/u.exec(hint);
  if (ratio) {
    const pair = `${role(ratio[1]!)}/${role(ratio[2]!)}`;
    if (pair === 'i0/itrans') return 'transmission';
    if (pair === 'itrans/irefer') return 'reference';
  }
  if (/\/\s*(?:I0|\$\d+)\s*$/iu.test(hint) && !/ln\(/u.test(hint)) return 'fluorescence';
  return null;
}
