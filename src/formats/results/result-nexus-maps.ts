import type { MapArrays } from '../../result.js';
import { itemName, type NexusGroup, type NexusReader } from '../common/nexus-tree.js';

/** One map; its default plot is the first layer. */
export function writeMap(parent: NexusGroup, map: MapArrays, index: number): string {
  const { grid } = map;
  const shape = [grid.ny, grid.nx];
  const name = itemName('map', index, map.name);
  const group = parent.child(name, 'NXcollection').text('name', map.name);
  group.numbers('pixel_size', Float64Array.of(grid.pixel_um.x, grid.pixel_um.y), { units: 'um' });
  group.numbers('shape', Int32Array.of(grid.ny, grid.nx));
  const first = [
    ...(map.layers.length > 0 ? [itemName('layer', 0, map.layers[0]!.name)] : []),
    ...(map.sumSpectrum === null ? [] : ['sum_spectrum']),
  ][0];
  if (first !== undefined) group.attribute('default', first);
  map.layers.forEach((layer, i) => {
    const title = `${map.name}: ${layer.name}`;
    const data = image(group, itemName('layer', i, layer.name), 'value', title, map);
    data.text('name', layer.name).text('unit', layer.unit);
    const units = layer.unit === '' ? {} : { units: layer.unit };
    const longName = layer.unit === '' ? layer.name : `${layer.name} (${layer.unit})`;
    data.numbers('value', layer.values, { shape, longName, interpretation: 'image', ...units });
    if (layer.sigma !== null) data.numbers('value_errors', layer.sigma, { shape, ...units });
  });
  if (map.regions !== null) writeRegions(group, map, map.regions);
  map.boundaries.forEach((line, i) => {
    const data = group.data(itemName('boundary', i, line.name), 'y', ['x'], `${map.name}: ${line.name}`);
    data.text('name', line.name);
    data.numbers('x', line.x_um, { units: 'um', longName: 'x (um)' });
    data.numbers('y', line.y_um, { units: 'um', longName: 'y (um)' });
  });
  if (map.thickness_um !== null) {
    const data = group.data(
      'thickness',
      'thickness',
      ['.'],
      `${map.name}: local thickness of the interphase`,
    );
    data.numbers('thickness', map.thickness_um, { units: 'um', longName: 'thickness (um)' });
  }
  (map.profiles ?? []).forEach((profile, i) => {
    const { scan, element } = profile;
    const data = group.data(
      itemName('profile', i, element),
      'value',
      ['position'],
      `${element} along ${scan}`,
    );
    data.text('scan', scan).text('element', element);
    data.numbers('position', profile.position_um, { units: 'um', longName: 'position (um)' });
    data.numbers('value', profile.value, { units: 'counts', longName: element, interpretation: 'spectrum' });
    data.numbers('value_errors', profile.sigma, { units: 'counts' });
  });
  if (map.sumSpectrum !== null) writeSumSpectrum(group, map.name, map.sumSpectrum);
  return name;
}

function image(
  group: NexusGroup,
  name: string,
  signal: string,
  title: string,
  { grid }: MapArrays,
): NexusGroup {
  const data = group.data(name, signal, ['y', 'x'], title);
  const axis = (n: number, step: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => i * step);
  data.numbers('y', axis(grid.ny, grid.pixel_um.y), { units: 'um', longName: 'y (um)' });
  data.numbers('x', axis(grid.nx, grid.pixel_um.x), { units: 'um', longName: 'x (um)' });
  return data;
}

function writeRegions(group: NexusGroup, map: MapArrays, regions: NonNullable<MapArrays['regions']>): void {
  const shape = [map.grid.ny, map.grid.nx];
  const data = image(group, 'regions', 'region', `${map.name}: regions`, map);
  data.text('classes', regions.classes);
  data.numbers('region', regions.labels, {
    shape,
    longName: 'region (index into classes)',
    interpretation: 'image',
  });
  const perPixel = regions.probability.length === map.grid.ny * map.grid.nx;
  data.numbers('probability', regions.probability, perPixel ? { shape } : {});
}

function writeSumSpectrum(group: NexusGroup, name: string, sum: NonNullable<MapArrays['sumSpectrum']>): void {
  const data = group.data('sum_spectrum', 'counts', ['energy'], `${name}: sum spectrum`);
  data.numbers('energy', sum.energy_eV, { units: 'eV', longName: 'energy (eV)' });
  data.numbers('counts', sum.counts, { units: 'counts', longName: 'counts', interpretation: 'spectrum' });
  if (sum.fitted !== null) {
    data.attribute('auxiliary_signals', ['fitted']);
    data.numbers('fitted', sum.fitted, { units: 'counts', longName: 'fitted' });
  }
  data.text(
    'line_labels',
    sum.lines.map(({ label }) => label),
  );
  data.numbers(
    'line_energies',
    Float64Array.from(sum.lines, ({ energy_eV }) => energy_eV),
    { units: 'eV' },
  );
}

export function readMap(group: NexusReader): MapArrays {
  const profiles = group.items('profile');
  const [x, y] = group.numbers('pixel_size');
  const [ny, nx] = group.numbers('shape');
  return {
    name: group.text('name'),
    grid: { ny: ny!, nx: nx!, pixel_um: { x: x!, y: y! } },
    layers: group.items('layer').map((data) => ({
      name: data.text('name'),
      unit: data.text('unit'),
      values: data.numbers('value'),
      sigma: data.optional('value_errors'),
    })),
    regions: group.has('regions') ? readRegions(group.at('regions')) : null,
    boundaries: group.items('boundary').map((data) => ({
      name: data.text('name'),
      x_um: data.numbers('x'),
      y_um: data.numbers('y'),
    })),
    thickness_um: group.has('thickness') ? group.at('thickness').numbers('thickness') : null,
    sumSpectrum: group.has('sum_spectrum') ? readSumSpectrum(group.at('sum_spectrum')) : null,
    ...(profiles.length === 0
      ? {}
      : {
          profiles: profiles.map((data) => ({
            scan: data.text('scan'),
            element: data.text('element'),
            position_um: data.numbers('position'),
            value: data.numbers('value'),
            sigma: data.numbers('value_errors'),
          })),
        }),
  };
}

const readRegions = (data: NexusReader): NonNullable<MapArrays['regions']> => ({
  classes: data.texts('classes'),
  labels: Uint8Array.from(data.numbers('region')),
  probability: data.numbers('probability'),
});

function readSumSpectrum(data: NexusReader): NonNullable<MapArrays['sumSpectrum']> {
  const energies = data.numbers('line_energies');
  return {
    energy_eV: data.numbers('energy'),
    counts: data.numbers('counts'),
    fitted: data.optional('fitted'),
    lines: data.texts('line_labels').map((label, i) => ({ label, energy_eV: energies[i]! })),
  };
}
