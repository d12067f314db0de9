import type { LineScanCurves, PatternCurves } from '../../result.js';
import { itemName, type NexusGroup, type NexusReader, type TableWriter } from '../common/nexus-tree.js';

/** One line scan; its default plot is the intensity over position and 2theta. */
export function writeScan(parent: NexusGroup, scan: LineScanCurves, index: number): string {
  const name = itemName('scan', index, scan.name);
  const group = parent.child(name, 'NXcollection').text('name', scan.name);
  group.numbers('wavelength', scan.wavelength_A, { units: 'angstrom' });
  group.numbers('positions', scan.positions_um, { units: 'um', longName: 'position' });
  const sets = byGrid(scan);
  sets.forEach((set, i) => {
    writePatterns(group, scan, set, i);
  });
  if (sets.length > 0) group.attribute('default', itemName('patterns', 0, ''));
  scan.ticks.forEach((tick, i) => {
    const ticks = group.data(
      itemName('lines', i, tick.phase),
      'relative_intensity',
      ['two_theta'],
      `Lines of ${tick.phase}`,
    );
    ticks.text('phase', tick.phase).text('hkl', tick.hkl);
    ticks.numbers('two_theta', tick.twoTheta_deg, { units: 'degree', longName: '2theta (degree)' });
    ticks.numbers('relative_intensity', tick.relativeIntensity);
  });
  scan.profiles.forEach((profile, i) => {
    writeProfile(group, profile, i);
  });
  if (scan.ratioPlane !== null) {
    group
      .child('ratio_plane', 'NXnote')
      .text('type', 'application/json')
      .text('data', JSON.stringify(scan.ratioPlane));
  }
  return name;
}

/** Patterns that share one 2theta grid, in order of position. */
interface GridSet {
  twoTheta_deg: Float64Array;
  members: { place: number; index: number; position_um: number }[];
  fitted: boolean;
}

/** Patterns of one grid go into one array; most scans have just one. The largest set comes first. */
function byGrid(scan: LineScanCurves): GridSet[] {
  const sets: GridSet[] = [];
  let place = 0;
  for (const { index, twoTheta_deg, calculated } of scan.patterns) {
    let set = sets.find((known) => equal(known.twoTheta_deg, twoTheta_deg));
    if (!set) {
      set = { twoTheta_deg, members: [], fitted: false };
      sets.push(set);
    }
    set.members.push({ place: place++, index, position_um: scan.positions_um[index] ?? Number.NaN });
    set.fitted ||= calculated.length > 0;
  }
  for (const { members } of sets) members.sort((a, b) => a.position_um - b.position_um || a.place - b.place);
  return sets.sort((a, b) => b.members.length - a.members.length);
}

const equal = (a: Float64Array, b: Float64Array): boolean =>
  a === b || (a.length === b.length && a.every((value, i) => value === b[i]));

function writePatterns(group: NexusGroup, scan: LineScanCurves, set: GridSet, place: number): void {
  const { twoTheta_deg, members } = set;
  const data = group.data(
    itemName('patterns', place, ''),
    'intensity',
    ['position', 'two_theta'],
    `${scan.name}: diffraction along the line`,
  );
  data.numbers(
    'position',
    Float64Array.from(members, ({ position_um }) => position_um),
    { units: 'um', longName: 'position (um)' },
  );
  data.numbers('two_theta', twoTheta_deg, { units: 'degree', longName: '2theta (degree)' });
  writeCurves(data, scan, set);
  data.numbers(
    'pattern_index',
    Int32Array.from(members, ({ index }) => index),
  );
  data.numbers('pattern_order', Int32Array.from(members, (member) => member.place));
}

/** Each pattern is read once; a few of them are in memory at a time. */
function writeCurves(data: NexusGroup, scan: LineScanCurves, { twoTheta_deg, members, fitted }: GridSet): void {
  const columns = twoTheta_deg.length;
  const shape: [number, number] = [members.length, columns];
  const counts = { units: 'counts' };
  const view = { longName: 'intensity', interpretation: members.length > 1 ? 'image' : 'spectrum' } as const;
  if (columns === 0) {
    for (const name of ['intensity', 'intensity_errors']) data.numbers(name, new Float64Array(0), counts);
    return;
  }
  const curves: ['observed' | 'sigma' | 'calculated' | 'background', TableWriter][] = [
    ['observed', data.table('intensity', shape, { ...counts, ...view })],
    ['sigma', data.table('intensity_errors', shape, counts)],
  ];
  if (fitted)
    for (const name of ['calculated', 'background'] as const)
      curves.push([name, data.table(name, shape, counts)]);
  const { blockRows } = curves[0]![1];
  for (let from = 0; from < members.length; from += blockRows) {
    const patterns = members.slice(from, from + blockRows).map(({ place }) => scan.patterns.at(place)!);
    for (const [name, table] of curves) {
      const block = new Float64Array(patterns.length * columns).fill(Number.NaN);
      patterns.forEach((pattern, row) => {
        if (pattern[name].length === columns) block.set(pattern[name], row * columns);
      });
      table.append(block);
    }
  }
}

function writeProfile(group: NexusGroup, profile: LineScanCurves['profiles'][number], index: number): void {
  const unit = profile.unit;
  const data = group.data(itemName('profile', index, profile.name), 'value', ['position'], profile.name);
  data.text('name', profile.name).text('unit', unit);
  data.numbers('position', profile.position_um, { units: 'um', longName: 'position (um)' });
  data.numbers('value', profile.value, {
    ...(unit === '' ? {} : { units: unit }),
    longName: unit === '' ? profile.name : `${profile.name} (${unit})`,
    interpretation: 'spectrum',
  });
  data.numbers('value_errors', profile.sigma);
  if (profile.model === null) return;
  const model = data.data('model', 'value', ['position'], `${profile.name}: transition model`);
  model.numbers('position', profile.model.position_um, { units: 'um' });
  model.numbers('value', profile.model.value, unit === '' ? {} : { units: unit });
}

export function readScan(group: NexusReader): LineScanCurves {
  const patterns: PatternCurves[] = [];
  for (const data of group.items('patterns')) readPatterns(data, patterns);
  return {
    name: group.text('name'),
    wavelength_A: group.number('wavelength'),
    positions_um: group.numbers('positions'),
    patterns,
    ticks: group.items('lines').map((lines) => ({
      phase: lines.text('phase'),
      twoTheta_deg: lines.numbers('two_theta'),
      hkl: lines.texts('hkl'),
      relativeIntensity: lines.numbers('relative_intensity'),
    })),
    profiles: group.items('profile').map((data) => ({
      name: data.text('name'),
      unit: data.text('unit'),
      position_um: data.numbers('position'),
      value: data.numbers('value'),
      sigma: data.numbers('value_errors'),
      model: data.has('model')
        ? { position_um: data.at('model').numbers('position'), value: data.at('model').numbers('value') }
        : null,
    })),
    ratioPlane: group.has('ratio_plane')
      ? (JSON.parse(group.at('ratio_plane').text('data')) as LineScanCurves['ratioPlane'])
      : null,
  };
}

function readPatterns(data: NexusReader, into: PatternCurves[]): void {
  const twoTheta_deg = data.numbers('two_theta');
  const columns = twoTheta_deg.length;
  const index = data.numbers('pattern_index');
  const order = data.numbers('pattern_order');
  const rowsOf = (name: string): ((row: number) => Float64Array) => {
    const all = data.optional(name);
    return (row) => {
      const values = all?.subarray(row * columns, (row + 1) * columns) ?? new Float64Array(0);
      return values.every(Number.isNaN) ? new Float64Array(0) : values;
    };
  };
  const [calculated, background] = [rowsOf('calculated'), rowsOf('background')];
  const observed = data.numbers('intensity');
  const sigma = data.numbers('intensity_errors');
  for (let row = 0; row < index.length; row++) {
    const slice = (values: Float64Array): Float64Array => values.subarray(row * columns, (row + 1) * columns);
    into[order[row]!] = {
      index: index[row]!,
      twoTheta_deg,
      observed: slice(observed),
      sigma: slice(sigma),
      calculated: calculated(row),
      background: background(row),
    };
  }
}
