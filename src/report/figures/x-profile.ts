import type { LineScanCurves, LineScanResult, ResultBundle } from '../../result.js';
import { errorBars, horizontalBand } from '../drawing/bars.js';
import { curve, points } from '../drawing/curves.js';
import { legendRow } from '../drawing/legend.js';
import { domainOf, extent, quantile, short } from '../drawing/numbers.js';
import { type Drawing, emptyNote, type Mark, type Panel } from '../drawing/sheet.js';
import { BLUE, BOUNDARY, DOUBLE_COLUMN, GREEN, INK } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { boundaryVerticals } from './parts/boundaries.js';
import { alongLine, isFraction, resultOf } from './parts/scan.js';

type Profile = LineScanCurves['profiles'][number];

/** x and the observables that carry it, along the line, with the boundaries. */
export const xProfile = (bundle: ResultBundle): Figure[] =>
  alongLine(bundle).map((scan) =>
    figure(
      figureId('x-profile', scan.name, bundle.lineScans.length > 1),
      `Composition along ${scan.name}`,
      'Indium per formula unit x from single patterns (points, 95 % bars) and the observables that carry it, with the ' +
        'transition model of the whole scan (line). Vertical: boundaries with 95 % intervals. Green band: x of the ' +
        'interphase with its 95 % interval.',
      () => draw(scan, resultOf(bundle, scan)),
    ),
  );

const MOST = 4;
const X_LABEL = 'x (In per formula unit)';

interface Row {
  heading: string;
  label: string;
  profile: Profile;
  isX: boolean;
}

function draw(scan: LineScanCurves, result: LineScanResult | undefined): Drawing {
  const rows = rowsOf(scan, result);
  const span = domainOf(extent(scan.positions_um), 0.02);
  const modelled = rows.some(({ profile }) => profile.model !== null);
  let top = 20;
  const panels = (rows.length > 0 ? rows : [null]).map((row, i): Panel => {
    const last = i >= rows.length - 1;
    const height = (i === 0 ? 178 : 112) + (last ? 32 : 0);
    const marks = row === null ? [emptyNote('x was not determined in any pattern')] : rowMarks(row, result);
    const answer = row?.isX ? (result?.aei.x?.interval95 ?? []) : [];
    const panel: Panel = {
      left: 0,
      top,
      width: DOUBLE_COLUMN,
      height,
      margin: { left: 56, top: i === 0 ? 4 : 18, bottom: last ? 34 : 2 },
      ...(rows.length > 1 ? { letter: 'abcdefgh'[i]! } : {}),
      ...(i === 0 || row === null ? {} : { heading: row.heading }),
      x: { domain: span, label: last ? 'position (µm)' : null },
      y: {
        domain: domainOf(row && robust(row.profile, answer), 0.06, i === 0 ? 0.2 : 0.08),
        label: row?.label ?? X_LABEL,
        ticks: i === 0 ? 6 : 4,
      },
      marks: [...marks, ...boundaryVerticals(result?.boundaries ?? [], i === 0)],
    };
    top += height;
    return panel;
  });
  return { height: top + 2, panels, extras: legend(result, modelled) };
}

const legend = (result: LineScanResult | undefined, modelled: boolean): NonNullable<Drawing['extras']> =>
  legendRow(
    [
      { label: 'pattern, 95 %', colour: BLUE, kind: 'dot' },
      ...(modelled ? [{ label: 'transition model', colour: INK }] : []),
      { label: 'boundary, 95 %', colour: BOUNDARY, kind: 'dash' },
      ...(result?.aei.x
        ? [{ label: 'x of the interphase, 95 %', colour: GREEN, kind: 'dash' as const }]
        : []),
    ],
    56,
    14,
  );

/** x first, then the amount that the line ratios give, then the rest; phase fractions have a figure of their own. */
function rowsOf(scan: LineScanCurves, result: LineScanResult | undefined): Row[] {
  const profiles = scan.profiles.filter((profile) => !isFraction(profile));
  const rank = ({ name }: Profile): number => (isX(name) ? 0 : name.startsWith('amount') ? 1 : 2);
  const sorted = [...profiles].sort((a, b) => rank(a) - rank(b));
  const singles = fromPatterns(result);
  if (sorted[0] === undefined || !isX(sorted[0].name)) sorted.unshift(...singles);
  const amount = profiles.find(({ name }) => /^amount \(in-on-6/.test(name))?.model ?? null;
  return sorted.slice(0, MOST).map((profile) => {
    const x = isX(profile.name);
    return {
      heading: short(profile.name, 60),
      label: x ? X_LABEL : profile.unit.replace(/^1 ?/, ''),
      profile: x ? { ...profile, model: profile.model ?? amount } : profile,
      isX: x,
    };
  });
}

const isX = (name: string): boolean => /^x\b/.test(name);

function fromPatterns(result: LineScanResult | undefined): Profile[] {
  const found = (result?.patterns ?? []).filter(({ x }) => Number.isFinite(x?.value));
  if (found.length === 0) return [];
  return [
    {
      name: 'x',
      unit: '',
      position_um: Float64Array.from(found, ({ position_um }) => position_um),
      value: Float64Array.from(found, ({ x }) => x!.value),
      sigma: Float64Array.from(found, ({ x }) => x!.sigma),
      model: null,
    },
  ];
}

function rowMarks({ profile, isX: x }: Row, result: LineScanResult | undefined): Mark[] {
  const half = profile.sigma.map((s) => 1.96 * s);
  const answer = x ? result?.aei.x : null;
  return [
    ...(answer ? [horizontalBand(answer.value, answer.interval95, { colour: GREEN, dash: '4 2' })] : []),
    errorBars(profile.position_um, profile.value, half, BLUE),
    ...(profile.model
      ? [curve(profile.model.position_um, profile.model.value, { stroke: INK, width: 1.1 })]
      : []),
    points(profile.position_um, profile.value, { stroke: BLUE }),
  ];
}

/** The range of values and model, and of error bars that are not out of all proportion. */
function robust(profile: Profile, extra: number[]): [number, number] | null {
  const core = extent(profile.value, profile.model?.value ?? [], extra);
  if (core === null) return null;
  const usual = 1.5 * 1.96 * (quantile(profile.sigma, 0.5) || 0);
  const width = Math.max(core[1] - core[0], usual) || 1;
  const low = profile.value.map((v, i) => Math.max(core[0] - width, v - 1.96 * (profile.sigma[i] ?? 0)));
  const high = profile.value.map((v, i) => Math.min(core[1] + width, v + 1.96 * (profile.sigma[i] ?? 0)));
  return extent([...core], low, high);
}
