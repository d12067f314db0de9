import type { MapArrays, MapResult, ResultBundle } from '../../result.js';
import { errorBars, verticalBand } from '../drawing/bars.js';
import { curve, points } from '../drawing/curves.js';
import { verticalNames } from '../drawing/line-names.js';
import { domainOf, extent, short } from '../drawing/numbers.js';
import type { Drawing, Mark, Panel } from '../drawing/sheet.js';
import { DOUBLE_COLUMN, GREY, seriesColour } from '../drawing/theme.js';
import { type Figure, figure, figureId, slug } from '../figure.js';
import { boundaryVerticals, spoken } from './parts/boundaries.js';

type Profile = NonNullable<MapArrays['profiles']>[number];

interface Own {
  name: string;
  position_um: number;
  interval95_um: readonly [number, number];
}
const MOST = 6;

/** Fluorescence along a diffraction line scan that was placed on the map, with the boundaries of the diffraction. */
export const scanOnMap = (bundle: ResultBundle): Figure[] => {
  const maps = bundle.maps.filter(({ profiles }) => (profiles ?? []).length > 0);
  return maps.flatMap((map) =>
    [...new Set(map.profiles!.map(({ scan }) => scan))].map((scan) =>
      figure(
        `${figureId('scan-on-map', map.name, maps.length > 1)}-${slug(scan)}`,
        `Elements of ${map.name} along ${scan}`,
        'Fluorescence of the map along the line of the diffraction scan, with 95 % bars. Vertical, with 95 % intervals: ' +
          'the boundaries that diffraction finds (coloured), and the mean boundaries of the map itself (grey, XRF).',
        () => draw(map.profiles!.filter((profile) => profile.scan === scan).slice(0, MOST), map.name, bundle),
      ),
    ),
  );
};

/**
 * The map's own mean boundaries in the coordinate of the scan. Only where the scan crosses them squarely, as it does
 * wherever it was placed by them.
 */
function ownBoundaries(map: MapResult | undefined, scan: string): Own[] {
  const path = map?.scans?.find(({ name }) => name === scan);
  if (!path) return [];
  const angle = (path.angle_deg * Math.PI) / 180;
  return (map?.boundaries ?? []).flatMap(({ name, axis, mean_um, sigma_um, interval95_um }) => {
    const slope = axis === 'x' ? Math.cos(angle) : Math.sin(angle);
    if (Math.abs(slope) < 0.99) return [];
    const origin = axis === 'x' ? path.origin_x_um : path.origin_y_um;
    const along = (at: number): number => (at - origin) / slope;
    const half = 1.96 * (sigma_um ?? Number.NaN);
    const [low, high] = interval95_um ?? [mean_um - half, mean_um + half];
    return [{ name, position_um: along(mean_um), interval95_um: [along(low), along(high)] as const }];
  });
}

const ownVerticals = (own: Own[], named: boolean, others: number[]): Mark[] => [
  ...own.map(({ position_um, interval95_um }) =>
    verticalBand(position_um, interval95_um, { colour: GREY, dash: '1 2' }),
  ),
  ...(named
    ? [
        verticalNames(
          own.map(({ name, position_um }) => ({
            at: position_um,
            name: `${spoken(name)} (XRF)`,
            colour: GREY,
          })),
          others,
        ),
      ]
    : []),
];

function draw(profiles: Profile[], map: string, bundle: ResultBundle): Drawing {
  const own = ownBoundaries(
    bundle.result.maps.find(({ name }) => name === map),
    profiles[0]!.scan,
  );
  const boundaries = bundle.result.lineScans.find(({ name }) => name === profiles[0]!.scan)?.boundaries ?? [];
  const span = domainOf(extent(...profiles.map(({ position_um }) => position_um)), 0.02);
  let top = 0;
  const panels = profiles.map((profile, i): Panel => {
    const last = i === profiles.length - 1;
    const height = 112 + (last ? 32 : 0);
    const half = profile.sigma.map((s) => 1.96 * s);
    const range = extent(
      [0],
      profile.value.map((v, k) => v - half[k]!),
      profile.value.map((v, k) => v + half[k]!),
    );
    const stroke = seriesColour(i);
    const panel: Panel = {
      left: 0,
      top,
      width: DOUBLE_COLUMN,
      height,
      margin: { left: 58, top: 20, bottom: last ? 34 : 2 },
      ...(profiles.length > 1 ? { letter: 'abcdef'[i]! } : {}),
      heading: short(profile.element, 40),
      x: { domain: span, label: last ? 'position along the scan (µm)' : null },
      y: { domain: domainOf(range, 0.02, 0.12), label: 'counts', ticks: 4 },
      marks: [
        errorBars(profile.position_um, profile.value, half, stroke),
        curve(profile.position_um, profile.value, { stroke, width: 0.8, opacity: 0.6 }),
        points(profile.position_um, profile.value, { stroke, radius: 1.4 }),
        ...boundaryVerticals(boundaries, i === 0),
        ...ownVerticals(
          own,
          i === Math.min(1, profiles.length - 1),
          boundaries.map(({ position_um }) => position_um),
        ),
      ],
    };
    top += height;
    return panel;
  });
  return { height: top + 2, panels };
}
