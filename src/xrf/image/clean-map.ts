import type { MapFault } from '../../experiment.js';
import type { ElementImage, ElementMap } from '../../measurement.js';
import { counted } from '../../words.js';
import { type CountImages, effectiveCounts } from './noise.js';
import { findOffsets } from './offsets.js';
import { removeOutliers } from './outliers.js';
import { shifted } from './registration.js';
import { findRowShifts, movedLine } from './row-shifts.js';
import { findStripes, type Stripe } from './stripes.js';
import { unmeasuredPixels } from './unmeasured.js';

export interface CleanedMap {
  map: ElementMap;
  /** What was found, in sentences, each with what was done about it or can be. */
  notes: string[];
}

/**
 * Looks for faults of a scan in element images. Only what cannot be a measurement is taken out unasked (pixels and lines that
 * hold nothing amid counts become NaN); everything else is told, and corrected where `apply` names it. The grid and the
 * coordinates of the map stay; corrected values keep the mean of what surrounds them.
 * @param separate the images come from different scans, so that they may be offset against each other.
 */
export function cleanMap(map: ElementMap, apply: ReadonlySet<MapFault>, separate: boolean): CleanedMap {
  const notes: string[] = [];
  const tell = (fault: MapFault, what: string, done: string): boolean => {
    const asked = apply.has(fault);
    notes.push(
      asked ? `${what}: ${done}` : `${what}; clean: [${fault}] (or --clean ${fault}) would correct that`,
    );
    return asked;
  };
  let current = withoutUnmeasured(map, notes);
  for (const step of [dropOutliers, evenStripes, alignRows]) current = step(current, tell);
  if (separate || apply.has('offsets')) current = alignElements(current, tell, !apply.has('offsets'));
  return { map: current, notes };
}

type Tell = (fault: MapFault, what: string, done: string) => boolean;

const withImages = (map: ElementMap, of: (image: ElementImage, e: number) => ElementImage): ElementMap => ({
  ...map,
  images: map.images.map(of),
});

/** The same change of an image and of its errors. */
const mapped = (image: ElementImage, of: (values: Float64Array) => Float64Array): ElementImage => ({
  ...image,
  values: of(image.values),
  sigma: image.sigma && of(image.sigma),
});

function withoutUnmeasured(map: ElementMap, notes: string[]): ElementMap {
  const { pixels, lines } = unmeasuredPixels(effectiveCounts(map));
  if (pixels.length === 0) return map;
  const what = [...lines, ...(lines.length === 0 ? [counted(pixels.length, 'single pixel')] : [])].join(', ');
  notes.push(`${what} without a count amid many: taken as not measured`);
  return withImages(map, (image) =>
    mapped(image, (values) => {
      const out = values.slice();
      for (const i of pixels) out[i] = Number.NaN;
      return out;
    }),
  );
}

function dropOutliers(map: ElementMap, tell: Tell): ElementMap {
  const { ny, nx, counts, elements } = effectiveCounts(map);
  const found = counts.map((values) => removeOutliers(values, ny, nx).outliers);
  const total = found.reduce((sum, list) => sum + list.length, 0);
  if (total === 0) return map;
  const named = elements.flatMap((element, e) =>
    found[e].length > 0 ? [`${found[e].length} of ${element}`] : [],
  );
  const places = found
    .flatMap((list) => list.slice(0, 3).map((i) => `row ${Math.floor(i / nx)} column ${i % nx}`))
    .slice(0, 3);
  const what = `${counted(total, 'pixel')} far from all around them (${named.join(', ')}; ${places.join('; ')}${total > places.length ? ' …' : ''})`;
  if (!tell('outliers', what, 'left out')) return map;
  return withImages(map, (image, e) =>
    mapped(image, (values) => {
      const out = values.slice();
      for (const i of found[e]) out[i] = Number.NaN;
      return out;
    }),
  );
}

function evenStripes(map: ElementMap, tell: Tell): ElementMap {
  const counts = effectiveCounts(map);
  const rows = findStripes(counts, 'row');
  const columns = findStripes(counts, 'column');
  if (rows.length + columns.length === 0) return map;
  const list = (stripes: Stripe[], noun: string): string[] =>
    stripes.length === 0
      ? []
      : [
          `${noun}${stripes.length === 1 ? '' : 's'} ${stripes
            .slice(0, 5)
            .map(({ index, factor }) => `${index} (${factor.toFixed(2)})`)
            .join(', ')}${stripes.length > 5 ? ' …' : ''}`,
        ];
  const what = `stripes of all elements alike, as by a change of the beam, in ${[...list(rows, 'row'), ...list(columns, 'column')].join(' and ')}`;
  if (!tell('stripes', what, 'divided by these factors')) return map;
  const { nx } = map.grid;
  const factors = new Float64Array(map.grid.ny * nx).fill(1);
  const rowFactor = new Map(rows.map(({ index, factor }) => [index, factor]));
  const columnFactor = new Map(columns.map(({ index, factor }) => [index, factor]));
  for (let i = 0; i < factors.length; i++)
    factors[i] = (rowFactor.get(Math.floor(i / nx)) ?? 1) * (columnFactor.get(i % nx) ?? 1);
  return withImages(withErrors(map, counts), (image) =>
    mapped(image, (values) => values.map((v, i) => v / factors[i])),
  );
}

/** Values that are no longer counts keep the errors that they had as counts. */
const withErrors = (map: ElementMap, { counts, gain }: CountImages): ElementMap =>
  withImages(map, (image, e) => ({
    ...image,
    sigma: image.sigma ?? counts[e].map((n) => gain[e] * Math.sqrt(Math.max(n, 1))),
  }));

function alignRows(map: ElementMap, tell: Tell): ElementMap {
  const counts = effectiveCounts(map);
  const { backlash, jumps } = findRowShifts(counts);
  const moves = new Float64Array(map.grid.ny);
  if (backlash) for (let r = 1; r < moves.length; r += 2) moves[r] = backlash.pixels;
  for (const { row, pixels } of jumps) moves[row] += pixels;
  const parts = [
    ...(backlash
      ? [
          `every second row lies ${number(backlash.pixels)} +- ${number(backlash.sigma)} pixels further along x`,
        ]
      : []),
    ...(jumps.length > 0
      ? [
          `${counted(jumps.length, 'row')} moved along x (${jumps
            .slice(0, 5)
            .map(({ row, pixels }) => `row ${row} by ${number(pixels)} pixels`)
            .join(', ')}${jumps.length > 5 ? ' …' : ''})`,
        ]
      : []),
  ];
  if (parts.length === 0) return map;
  if (!tell('row-shifts', parts.join('; '), 'moved back')) return map;
  const { nx } = map.grid;
  return withImages(withErrors(map, counts), (image) =>
    mapped(image, (values) => {
      const out = values.slice();
      for (let r = 0; r < moves.length; r++)
        if (moves[r] !== 0) out.set(movedLine(values.subarray(r * nx, (r + 1) * nx), moves[r]), r * nx);
      return out;
    }),
  );
}

const number = (value: number): string => value.toFixed(2);

function alignElements(map: ElementMap, tell: Tell, unasked: boolean): ElementMap {
  const { ny, nx, pixel_um } = map.grid;
  const counts = effectiveCounts(map);
  const { reference, offsets } = findOffsets(counts, unasked);
  if (offsets.length === 0) return map;
  const what = offsets
    .map(
      ({ element, dx, dy }) =>
        `${element} lies ${(dx * pixel_um.x).toFixed(1)}, ${(dy * pixel_um.y).toFixed(1)} um (x, y) from ${reference}`,
    )
    .join('; ');
  if (!tell('offsets', what, 'moved onto it')) return map;
  return withImages(withErrors(map, counts), (image) => {
    const offset = offsets.find(({ element }) => element === image.element);
    return offset ? mapped(image, (values) => shifted(values, ny, nx, offset.dy, offset.dx)) : image;
  });
}
