import { InputError } from '../../errors.js';
import type { MapEntry } from '../../experiment.js';
import type { EnergyStack } from '../../measurement.js';
import { edgeEnergy_eV } from '../../reference/edges.js';
import { axisIn } from '../common/units.js';
import type { StackLayout } from './layout.js';
import { axisPixels } from './map-axes.js';
import { pixelOf, type Warn } from './map-notes.js';

/** Reads an energy stack into [energy, row, column] with ascending energies. */
export function readStack(entry: MapEntry, layout: StackLayout, path: string, warn: Warn): EnergyStack {
  const { data, energyAxis, rowAxis, columnAxis, axes } = layout;
  const { shape } = data.signal;
  const [ne, ny, nx] = [shape[energyAxis]!, shape[rowAxis]!, shape[columnAxis]!];
  const dataset = data.axes[energyAxis];
  if (!dataset) throw data.group.fault(`has no dataset for its axis '${data.axisNames[energyAxis]}'`);
  const energies = axisIn(dataset, 'energy');
  if (energies.length !== ne) throw dataset.fault(`has ${energies.length} values where the signal has ${ne}`);
  const element = entry.element!;
  const edge = entry.edge!;
  checkEnergies(energies, edgeEnergy_eV(element, edge), `${element} ${edge}`, {
    path,
    dataset: dataset.path,
  });
  const order = Array.from(energies.keys()).sort((a, b) => energies[a]! - energies[b]!);
  if (order.some((from, to) => from !== to)) warn('its energies are not in order and are sorted');
  const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const values = data.signal.values();
  const inPlace = energyAxis === 0 && rowAxis === 1 && order.every((from, to) => from === to);
  const grid = { ny, nx, pixel_um: pixelOf(entry, axisPixels(axes, ny, nx), path, warn) };
  const sorted = Float64Array.from(order, (from) => energies[from]!);
  if (inPlace) return { name: entry.name, element, edge, grid, energies_eV: sorted, data: values };
  const turned =
    values instanceof Float32Array ? new Float32Array(values.length) : new Float64Array(values.length);
  let to = 0;
  for (const e of order) {
    for (let row = 0; row < ny; row++) {
      let from = e * stride[energyAxis]! + row * stride[rowAxis]!;
      for (let column = 0; column < nx; column++, from += stride[columnAxis]!) turned[to++] = values[from]!;
    }
  }
  return { name: entry.name, element, edge, grid, energies_eV: sorted, data: turned };
}

function checkEnergies(
  energies: Float64Array,
  edge_eV: number,
  edge: string,
  place: { path: string; dataset: string },
): void {
  if (energies.length < 2) throw new InputError('holds fewer than two energies', place);
  if (energies.some((energy) => !Number.isFinite(energy)))
    throw new InputError('holds energies that are not finite', place);
  const [low, high] = [Math.min(...energies), Math.max(...energies)];
  if (new Set(energies).size < energies.length) throw new InputError('holds an energy twice', place);
  if (low <= edge_eV + 10 && high >= edge_eV - 10) return;
  if (low * 1000 <= edge_eV + 10 && high * 1000 >= edge_eV - 10) {
    throw new InputError(
      `its energies, ${low} to ${high}, are keV where eV are stated`,
      place,
      "set the attribute 'units' to keV",
    );
  }
  throw new InputError(
    `its energies, ${low} to ${high} eV, do not cover the ${edge} edge at ${edge_eV} eV`,
    place,
    'check edge: in the experiment file',
  );
}
