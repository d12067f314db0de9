import type { LineScanCurves, LineScanResult, ResultBundle } from '../../result.js';
import { errorBars } from '../drawing/bars.js';
import { curve, points } from '../drawing/curves.js';
import { legendRow } from '../drawing/legend.js';
import { domainOf, extent } from '../drawing/numbers.js';
import { type Drawing, emptyNote, type Mark } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, phaseColour } from '../drawing/theme.js';
import { type Figure, figure, figureId } from '../figure.js';
import { boundaryVerticals } from './parts/boundaries.js';
import { alongLine, isFraction, resultOf } from './parts/scan.js';

/** Phase fractions along the line. */
export const phaseProfile = (bundle: ResultBundle): Figure[] =>
  alongLine(bundle).map((scan) =>
    figure(
      figureId('phase-profile', scan.name, bundle.lineScans.length > 1),
      `Phases along ${scan.name}`,
      'Phase fractions from the fits of single patterns, with their 95 % bars and the transition model where there is ' +
        'one. Vertical: boundaries with 95 % intervals.',
      () => draw(scan, resultOf(bundle, scan)),
    ),
  );

interface Series {
  name: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  half: Float64Array | null;
  model: { position_um: Float64Array; value: Float64Array } | null;
}

function draw(scan: LineScanCurves, result: LineScanResult | undefined): Drawing {
  const profiles = scan.profiles.filter(isFraction);
  const series = profiles.length > 0 ? profiles.map(ofProfile) : weightFractions(result);
  const colours = series.map(({ name }, i) => phaseColour(name, i));
  const marks: Mark[] = series.length === 0 ? [emptyNote('no phase fractions')] : [];
  series.forEach((one, i) => {
    if (one.half) marks.push(errorBars(one.x, one.y, one.half, colours[i]!));
    if (one.model)
      marks.push(curve(one.model.position_um, one.model.value, { stroke: colours[i]!, width: 1.1 }));
    else marks.push(curve(one.x, one.y, { stroke: colours[i]!, width: 0.8, opacity: 0.6 }));
    marks.push(points(one.x, one.y, { stroke: colours[i]! }));
  });
  marks.push(...boundaryVerticals(result?.boundaries ?? [], true));
  const range = extent([0, 1], ...series.map(({ y }) => y));
  return {
    height: 230,
    panels: [
      {
        left: 0,
        top: 18,
        width: DOUBLE_COLUMN,
        height: 212,
        margin: { left: 50 },
        x: { domain: domainOf(extent(scan.positions_um), 0.02), label: 'position (µm)' },
        y: { domain: domainOf(range, 0.04, 0.12), label: 'weight fraction' },
        marks,
      },
    ],
    extras: legendRow(
      series.map(({ name }, i) => ({ label: name, colour: colours[i]!, kind: 'dot' })),
      50,
      14,
    ),
  };
}

const ofProfile = (profile: LineScanCurves['profiles'][number]): Series => ({
  name: profile.name.replace(/^(weight )?(fraction|amount|share)( of)? /i, ''),
  x: profile.position_um,
  y: profile.value,
  half: profile.sigma.map((s) => 1.96 * s),
  model: profile.model,
});

function weightFractions(result: LineScanResult | undefined): Series[] {
  const patterns = [...(result?.patterns ?? [])].sort((a, b) => a.position_um - b.position_um);
  const names = [...new Set(patterns.flatMap(({ phases }) => Object.keys(phases ?? {})))];
  return names.map((name) => ({
    name,
    x: patterns.map(({ position_um }) => position_um),
    y: patterns.map(({ phases, status }) =>
      status === 'excluded' || status === 'failed'
        ? Number.NaN
        : (phases[name]?.weight_fraction ?? Number.NaN),
    ),
    half: null,
    model: null,
  }));
}
