import type { LineScanCurves, LineScanResult, ResultBundle } from '../../result.js';
import { errorBars, horizontalBand } from '../drawing/bars.js';
import { curve, points } from '../drawing/curves.js';
import { legendRow } from '../drawing/legend.js';
import { domainOf, extent, short } from '../drawing/numbers.js';
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
      'Indium per formula unit x from single patterns (points, 95 % bars) and the intensity ratios that carry it, with ' +
        'the transition model of the whole scan (line). Vertical: boundaries with 95 % intervals. Green band: x of the ' +
        'interphase with its 95 % interval.',
      () => draw(scan, resultOf(bundle, scan)),
    ),
  );

const MOST = 4;

function draw(scan: LineScanCurves, result: LineScanResult | undefined): Drawing {
  const profiles = scan.profiles.filter((profile) => !isFraction(profile)).slice(0, MOST);
  const hasX = profiles.some(({ name }) => name === 'x');
  const singles = result?.patterns.filter(({ x }) => Number.isFinite(x?.value)) ?? [];
  const rows: Panel['marks'][] = [];
  const labels: string[] = [];
  const domains: [number, number][] = [];
  const add = (label: string, domain: [number, number], marks: Mark[]): void => {
    labels.push(label);
    domains.push(domain);
    rows.push([...marks, ...boundaryVerticals(result?.boundaries ?? [], rows.length === 0)]);
  };
  if (!hasX && singles.length > 0) {
    const x = singles.map(({ position_um }) => position_um);
    const y = singles.map(({ x: m }) => m!.value);
    const half = singles.map(({ x: m }) => 1.96 * m!.sigma);
    const low = y.map((v, i) => v - half[i]!);
    const high = y.map((v, i) => v + half[i]!);
    const domain = domainOf(extent(low, high, result?.aei.x?.interval95 ?? []), 0.06, 0.18);
    add('x (In per formula unit)', domain, [
      ...answer(result),
      errorBars(x, y, half, BLUE),
      points(x, y, { stroke: BLUE }),
    ]);
  }
  for (const profile of profiles) {
    const isX = profile.name === 'x';
    const extra = isX ? (result?.aei.x?.interval95 ?? []) : [];
    const domain = domainOf(robust(profile, extra), 0.06, rows.length === 0 ? 0.2 : 0.08);
    add(labelOf(profile), domain, [...(isX ? answer(result) : []), ...profileMarks(profile, BLUE)]);
  }
  if (rows.length === 0)
    add('x (In per formula unit)', [0, 1], [emptyNote('x was not determined in any pattern')]);
  const span = domainOf(extent(scan.positions_um), 0.02);
  const heights = rows.map((_, i) => (i === 0 ? 170 : 104));
  let top = 20;
  const panels = rows.map((marks, i): Panel => {
    const last = i === rows.length - 1;
    const height = heights[i]! + (last ? 30 : 0);
    const panel: Panel = {
      left: 0,
      top,
      width: DOUBLE_COLUMN,
      height,
      margin: { left: 56, top: 4, bottom: last ? 34 : 4 },
      ...(rows.length > 1 ? { letter: 'abcdefgh'[i]! } : {}),
      x: { domain: span, label: last ? 'position (µm)' : null },
      y: { domain: domains[i]!, label: labels[i]!, ticks: i === 0 ? 6 : 4 },
      marks,
    };
    top += height;
    return panel;
  });
  return {
    height: top + 2,
    panels,
    extras: legendRow(
      [
        { label: 'pattern, 95 %', colour: BLUE, kind: 'dot' },
        { label: 'transition model', colour: INK },
        { label: 'boundary, 95 %', colour: BOUNDARY, kind: 'dash' },
        ...(result?.aei.x
          ? [{ label: 'x of the interphase, 95 %', colour: GREEN, kind: 'dash' as const }]
          : []),
      ],
      56,
      14,
    ),
  };
}

const answer = (result: LineScanResult | undefined): Mark[] =>
  result?.aei.x
    ? [horizontalBand(result.aei.x.value, result.aei.x.interval95 ?? null, { colour: GREEN, dash: '4 2' })]
    : [];

export function profileMarks(profile: Profile, colour: string): Mark[] {
  const half = profile.sigma.map((s) => 1.96 * s);
  return [
    errorBars(profile.position_um, profile.value, half, colour),
    ...(profile.model
      ? [curve(profile.model.position_um, profile.model.value, { stroke: INK, width: 1.1 })]
      : []),
    points(profile.position_um, profile.value, { stroke: colour }),
  ];
}

/** The range of values and model, and of error bars that are not out of all proportion. */
function robust(profile: Profile, extra: number[]): [number, number] | null {
  const core = extent(profile.value, profile.model?.value ?? [], extra);
  if (core === null) return null;
  const width = core[1] - core[0] || 1;
  const low = profile.value.map((v, i) => Math.max(core[0] - width, v - 1.96 * (profile.sigma[i] ?? 0)));
  const high = profile.value.map((v, i) => Math.min(core[1] + width, v + 1.96 * (profile.sigma[i] ?? 0)));
  return extent([...core], low, high);
}

const labelOf = ({ name, unit }: Profile): string =>
  name === 'x' ? 'x (In per formula unit)' : short(unit === '' ? name : `${name} (${unit})`, 26);
