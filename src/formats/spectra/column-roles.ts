import type { Column, ColumnRole, MuSource } from '../../measurement.js';

/** First rule that fits wins; names are compared in lower case without their unit in brackets. */
const RULES: [ColumnRole, RegExp][] = [
  ['other', /request|setpoint|target|gain|offset|(?:^|[^a-z])(?:time|clock|seconds|dwell|live|temp)/u],
  // 'ln(I0/It)', 'log(i1/i2)', and without signs as GDA (Diamond) writes them: 'lnI0It', 'lnItIref', 'FFI0'.
  ['mutrans', /^(?:ln|log)[\s_(]*i_?0[\s_/]*(?:i_?t|i_?1|itrans|i)[\s_)]*$/u],
  ['murefer', /^(?:ln|log)[\s_(]*(?:i_?t|i_?1|itrans)[\s_/]*(?:i_?r(?:ef(?:er)?)?|i_?2)[\s_)]*$/u],
  ['mufluor', /^(?:qexafs)?ffi0(?:_corr)?$|^i_?f(?:luor)?\/i_?0$/u],
  [
    'energy',
    /^(?:achieved[\s_]?|e?mono[\s_]?|photon[\s_]?|dcm[\s_]?|enc[\s_]?|e?bragg[\s_]?|zap)?(?:energy|energie|nrj|ener|en|hv|e)(?:[\s_.-]?(?:ev|kev|enc|encoder))?$/u,
  ],
  ['energy', /^energ(?:y|ies)(?:[\s_.-]|$)|[\s_.-]energy$|^bragg1withoffset$/u],
  ['angle', /^(?:mono[\s_]?)?(?:angle|theta|bragg)(?:[\s_]?(?:c|o|deg|degrees|rad))?$|angle\(c\)/u],
  ['norm', /^(?:mu)?norm(?:trans|fluor|refer|alized|alised)?(?:_?mu)?$|^flat(?:tened)?$|^norm_?mu$/u],
  ['mufluor', /^mu_?f(?:luor?)?$|^fluor_?mu$|^xas-fluo?$/u],
  ['murefer', /^mu_?r(?:ef(?:er)?)?$|^xas-ref$/u],
  ['mutrans', /^(?:x?mu|mux|mu\(e\)|mu_?t(?:rans)?|xmudat|absorption|absorbance|abs|xas-trans)$/u],
  ['i0', /^(?:i0|io|i_0|i_?zero|izero|i00|monitor|mon|ic0|ion0|i0[\s_].*|.*[\s_-]i0|i_?mon|flux)$/u],
  ['itrans', /^(?:it1?|i_t|i1|i_1|itr|itrans|i_?trans(?:mission)?|trans(?:mission)?|ic1|ion1|i1[\s_].*)$/u],
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
  // ROI counts of the 4-element detector at NSLS X23A2, and GDA's sum of the corrected channels.
  ['fluorescence', /^if(?:ch)?_?\d+$|^ff$|^mca\d+$/u],
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

/** A ratio of channels, whose brackets hold no unit. */
const RATIO = /^\s*(?:ln|log)\s*\(/iu;

/** What a column of this name usually is. */
export function roleOfName(name: string): ColumnRole {
  const word = RATIO.test(name) ? name.trim().toLowerCase() : plain(name);
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
