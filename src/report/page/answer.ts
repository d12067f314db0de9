import type { LineScanResult, MapResult, Result, SpectrumResult } from '../../result.js';
import { fromTo, isNumber, plusMinus } from '../drawing/numbers.js';
import { spoken } from '../figures/parts/boundaries.js';
import { hypothesisName } from '../figures/parts/scan.js';
import { html, type Markup } from './html.js';

/** The answer first: in plain words, then as numbers with their intervals, then what each technique adds. */
export function answer(result: Result): Markup {
  const layers = [...result.lineScans.flatMap(scanSentences), ...result.maps.flatMap(mapSentences)];
  const sentences = layers.length > 0 ? layers : spectrumSentences(result.spectra);
  const cards = [...result.lineScans.flatMap(scanCards), ...result.maps.flatMap(mapCards)];
  const nothing = html`<p class="answer">This result holds no numbers.</p>`;
  return html`${sentences.length + cards.length === 0 ? nothing : ''}${sentences.map(
    (sentence) => html`<p class="answer">${sentence}</p>\n`,
  )}<div class="cards">${cards}</div>
${thicknessNote(result)}${remarks(result)}`;
}

/** Statements of the stages under the name of what they speak of. */
function remarks(result: Result): Markup {
  const spoken = [
    ...result.lineScans.map(({ name, statements }) => ({ about: `Line scan ${name}`, statements })),
    ...result.spectra.map(({ label, edge, statements }) => ({ about: `${label}, ${edge}`, statements })),
    ...(result.spectrumSeries ?? []).map(({ edge, statements }) => ({
      about: `${edge} along the line`,
      statements,
    })),
    ...result.maps.map(({ name, statements }) => ({ about: `Map ${name}`, statements })),
  ].filter(({ statements }) => (statements ?? []).length > 0);
  if (spoken.length === 0) return html``;
  const list = html`<dl class="remarks">
${spoken.map(({ about, statements }) => html`<dt>${about}</dt>${statements!.map((text) => html`<dd>${typeset(text)}</dd>`)}\n`)}</dl>`;
  return spoken.length > 6
    ? html`<details class="words"><summary>What each measurement says (${spoken.length})</summary>${list}</details>`
    : list;
}

/** Plain-text signs as a reader of print expects them. */
const typeset = (text: string): string =>
  text
    .replaceAll(' +- ', '\u00a0±\u00a0')
    .replace(/(\d) um\b/g, '$1\u00a0µm')
    .replace(/\bum2\b/g, 'µm²');

function scanSentences(scan: LineScanResult): string[] {
  const { aei } = scan;
  const where = `In the line scan ${scan.name}`;
  if (aei.present === null) {
    return [`${where} the data do not tell whether there is an interphase.`];
  }
  if (!aei.present) {
    const step = scan.boundaries[0];
    const at = step
      ? `; ${spoken(step.name)} lies at ${plusMinus(step.position_um, step.sigma_um, 'µm')}`
      : '';
    return [`${where} there is no interphase that differs from the pristine electrolyte${at}.`];
  }
  const [first, last] = [scan.boundaries[0], scan.boundaries.at(-1)];
  const span =
    first && last && first !== last
      ? ` from ${plusMinus(first.position_um, first.sigma_um)} to ${plusMinus(last.position_um, last.sigma_um, 'µm')}`
      : '';
  const thick = aei.thickness_um
    ? `, ${plusMinus(aei.thickness_um.value, aei.thickness_um.sigma, 'µm')} thick (95 %: ${fromTo(aei.thickness_um.interval95, 'µm')})`
    : '';
  const amount = aei.x
    ? ` It holds x = ${plusMinus(aei.x.value, aei.x.sigma)} indium per formula unit (95 %: ${fromTo(aei.x.interval95)}).`
    : explained(scan);
  return [`${where} there is an interphase${span}${thick}.${amount}`];
}

/** What stands in the place of x where indium on a lithium site is not the accepted explanation. */
function explained({ hypotheses: [best] }: LineScanResult): string {
  const unknown = ' Its indium content x could not be determined; see the hypotheses and the problems.';
  if (!best || !isNumber(best.weight) || !best.amount || /^(in-on-6|none)/.test(best.name)) return unknown;
  return (
    ` Its lines are explained best by ${hypothesisName(best.name)} (weight ${best.weight.toFixed(2)}), ` +
    `with an amount of ${plusMinus(best.amount.value, best.amount.sigma)} per formula unit; x, indium on lithium sites, is not given.`
  );
}

const MOST_SPECTRA = 8;

/** Where there are only spectra, they are the answer. */
function spectrumSentences(spectra: SpectrumResult[]): string[] {
  const samples = spectra.filter(({ role }) => role === 'sample');
  const told = (samples.length > 0 ? samples : spectra).slice(0, MOST_SPECTRA);
  const sentences = told.map((spectrum) => {
    const { label, edge, e0_eV, edge_shift_eV: shift, peaks } = spectrum;
    const at = e0_eV
      ? `the edge lies at ${plusMinus(e0_eV.value, e0_eV.sigma, 'eV')}`
      : 'the edge was not found';
    const moved = shift
      ? `, ${plusMinus(shift.value, shift.sigma, 'eV')} from that of ${shift.relative_to}`
      : '';
    const found = peaks.map(
      (peak) => `${peak.name} at ${plusMinus(peak.center_eV?.value, peak.center_eV?.sigma, 'eV')}`,
    );
    return `${label}, ${edge}: ${at}${moved}${found.length > 0 ? `; peaks: ${found.join(', ')}` : ''}.`;
  });
  const rest = spectra.length - told.length;
  return rest > 0 ? [...sentences, `${rest} more spectra stand in the tables below.`] : sentences;
}

function mapSentences(map: MapResult): string[] {
  const out: string[] = [];
  const t = map.aei_thickness_um;
  if (t) {
    out.push(
      `On the map ${map.name} the interphase is ${plusMinus(t.mean, t.sigma, 'µm')} thick on average, measured across the ` +
        `layer; nine tenths of it lie within ${fromTo([t.p5, t.p95], 'µm')}.`,
    );
  } else if (map.aei_present === false) out.push(`On the map ${map.name} there is no interphase.`);
  for (const c of map.components ?? []) {
    if (!isNumber(c.limit95)) continue;
    const patches = c.patches?.length ?? 0;
    const found =
      patches === 0
        ? 'and no patch stands out'
        : `and ${patches} patch${patches > 1 ? 'es stand' : ' stands'} out`;
    out.push(
      `On the map ${map.name} the mean fraction of ${c.name} is ${percent(c.mean, c.sigma)}, ` +
        `${c.limit95 < 0.995 ? `below ${Number((100 * c.limit95).toPrecision(2))} % at 95 %, ` : ''}${found}.`,
    );
  }
  return out;
}

const percent = (mean: number, sigma: number): string => plusMinus(100 * mean, 100 * sigma, '%');

function scanCards(scan: LineScanResult): Markup[] {
  const { aei } = scan;
  const best = scan.hypotheses[0];
  return [
    aei.present !== null &&
      card(`interphase, ${scan.name}`, aei.present ? 'present' : 'absent', bic(aei.delta_bic)),
    aei.x &&
      card(
        'x, indium per formula unit',
        plusMinus(aei.x.value, aei.x.sigma),
        `95 %: ${fromTo(aei.x.interval95)}`,
      ),
    ...scan.boundaries.map((b) =>
      card(
        spoken(b.name),
        plusMinus(b.position_um, b.sigma_um, 'µm'),
        `95 %: ${fromTo(b.interval95_um, 'µm')}`,
      ),
    ),
    aei.thickness_um &&
      card(
        `thickness by uXRD, ${scan.name}`,
        plusMinus(aei.thickness_um.value, aei.thickness_um.sigma, 'µm'),
        `95 %: ${fromTo(aei.thickness_um.interval95, 'µm')}`,
      ),
    best &&
      isNumber(best.weight) &&
      card('best hypothesis', hypothesisName(best.name), `weight ${best.weight.toFixed(2)}`),
  ].filter((one) => one instanceof Object);
}

const mapCards = (map: MapResult): Markup[] => {
  const t = map.aei_thickness_um;
  if (!t) return [];
  return [
    card(
      `thickness by map, ${map.name}`,
      plusMinus(t.mean, t.sigma, 'µm'),
      `95 %: ${fromTo(t.interval95, 'µm')}`,
    ),
  ];
};

const bic = (delta: number | null): string =>
  isNumber(delta)
    ? `ΔBIC ${delta.toFixed(1).replace('-', '−')}${delta > 10 ? ' (over 10: very strong evidence)' : ''}`
    : '';

const card = (name: string, value: string, note: string): Markup =>
  html`<div class="card"><div class="name">${name}</div><div class="value">${value}</div><div class="note">${note}</div></div>\n`;

/** Two methods look at two places and mean two things: they stand side by side and are never averaged. */
function thicknessNote(result: Result): Markup {
  const methods =
    result.lineScans.filter(({ aei }) => aei.thickness_um).length +
    result.maps.filter(({ aei_thickness_um }) => aei_thickness_um).length;
  return methods < 2
    ? html``
    : html`<p class="quiet">Thicknesses by different methods stand side by side and are not averaged: a line scan crosses
the layer at one place and along its own direction, a map takes the whole layer along its local normal.</p>`;
}
