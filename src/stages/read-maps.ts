import { basename } from 'node:path';
import * as v from 'valibot';
import { InputError } from '../errors.js';
import type { MapEntry } from '../experiment.js';
import { type MapRead, mapKind, readMap } from '../formats/maps/map-file.js';
import { defineStage, type Keyed, type StageContext } from '../pipeline/stage.js';
import { need, type Products } from './products.js';

/** A stage for one kind of map: it reads the entries of that kind and gives nothing for the others. */
const readerOf = <K extends MapRead['kind'], P extends keyof Products>(
  kind: K,
  name: string,
  gives: P,
  summary: string,
) =>
  defineStage({
    name,
    version: 3,
    summary,
    needs: { entry: need('map-files', 'each') },
    gives,
    split: true,
    params: v.strictObject({}),
    run: async ({ entry }, _params, context): Promise<Keyed<Products[P]>[]> => {
      if ((await mapKind(entry)) !== kind) return [];
      const { map } = await readMap(entry, noteTo(context, entry));
      if (kind === 'element-map') needSignal(map as Products['element-maps']);
      return [{ key: context.key, value: map as Products[P] }];
    },
  });

/** A map without one count in any pixel is a fault of the measurement, not a material. */
function needSignal({ name, images }: Products['element-maps']): void {
  if (images.some(({ values }) => values.some((v) => v > 0))) return;
  const measured = images.some(({ values }) => values.some(Number.isFinite));
  throw new InputError(
    `the map '${name}' ${measured ? 'holds nothing but zeros' : 'holds no number in any pixel'}`,
    null,
    'look at the file with: interphase inspect',
  );
}

export const noteTo =
  (context: StageContext, { name, source }: MapEntry) =>
  (message: string) =>
    context.warn(message, 'file' in source ? `${name} (${basename(source.file)})` : name);

export const readElementMapsStage = readerOf(
  'element-map',
  'read-element-maps',
  'element-maps',
  'Reads maps with one image per element: HDF5, CSV grids, columns x, y, value, SMAK and TIFF.',
);
export const readEnergyStacksStage = readerOf(
  'energy-stack',
  'read-energy-stacks',
  'energy-stacks',
  'Reads images at several energies.',
);
