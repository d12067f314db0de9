import type { LineScanCurves } from '../../result.js';
import { itemName, type NexusGroup, type NexusReader } from '../common/nexus-tree.js';

type PatternCurves = LineScanCurves['patterns'][number];

/** One line scan; its default plot is the intensity over position and 2theta. */
export function writeScan(parent: NexusGroup, scan: LineScanCurves, index: number): string {
  const name = itemName('scan', index, scan.name);
  const group = parent.child(name, 'NXcollection').text('name', scan.name);
  group.numbers('wavelength', scan.wavelength_A, { units: 'angstrom' });
  group.numbers('positions', scan.positions_um, { units: 'um', longName: 'position' });
  const sets = byGrid(scan);
  sets.forEach((members, i) => {
    writePatterns(group, scan, members, i);
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

/** Patterns that share one 2theta grid go into one array; most scans have just one. The largest set comes first. */
function byGrid(scan: LineScanCurves): number[][] {
  const sets: number[][] = [];
  scan.patterns.forEach((pattern, i) => {
    const same = sets.find(([first]) => equal(scan.patterns[first!]!.twoTheta_deg, pattern.twoTheta_deg));
    if (same) same.push(i);
    else sets.push([i]);
  });
  const position = (i: number): number => positionOf(scan, scan.patterns[i]!);
  for (const set of sets) set.sort((a, b) => position(a) - position(b) || a - b);
  return sets.sort((a, b) => b.length - a.length);
}

const equal = (a: Float64Array, b: Float64Array): boolean =>
  a === b || (a.length === b.length && a.every((value, i) => value === b[i]));

const positionOf = (scan: LineScanCurves, pattern: PatternCurves): number =>
  scan.positions_um[pattern.index] ?? Number.NaN;

function writePatterns(group: NexusGroup, scan: LineScanCurves, members: number[], set: number): void {
  const patterns = members.map((i) => scan.patterns[i]!);
  const columns = patterns[0]!.twoTheta_deg.length;
  const shape = [patterns.length, columns];
  const stack = (of: (pattern: PatternCurves) => Float64Array): Float64Array => {
    const all = new Float64Array(patterns.length * columns).fill(Number.NaN);
    patterns.forEach((pattern, row) => {
      const values = of(pattern);
      if (values.length === columns) all.set(values, row * columns);
    });
    return all;
  };
  const data = group.data(
    itemName('patterns', set, ''),
    'intensity',
    ['position', 'two_theta'],
    `${scan.name}: diffraction along the line`,
  );
  data.numbers(
    'position',
    Float64Array.from(patterns, (pattern) => positionOf(scan, pattern)),
    {
      units: 'um',
      longName: 'position (um)',
    },
  );
  data.numbers('two_theta', patterns[0]!.twoTheta_deg, { units: 'degree', longName: '2theta (degree)' });
  data.numbers(
    'intensity',
    stack(({ observed }) => observed),
    {
      shape,
      units: 'counts',
      longName: 'intensity',
      interpretation: patterns.length > 1 ? 'image' : 'spectrum',
    },
  );
  data.numbers(
    'intensity_errors',
    stack(({ sigma }) => sigma),
    { shape, units: 'counts' },
  );
  if (patterns.some(({ calculated }) => calculated.length > 0)) {
    data.numbers(
      'calculated',
      stack(({ calculated }) => calculated),
      { shape, units: 'counts' },
    );
  }
  if (patterns.some(({ background }) => background.length > 0)) {
    data.numbers(
      'background',
      stack(({ background }) => background),
      { shape, units: 'counts' },
    );
  }
  data.numbers(
    'pattern_index',
    Int32Array.from(patterns, ({ index }) => index),
  );
  data.numbers('pattern_order', Int32Array.from(members));
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
      const values = all?.slice(row * columns, (row + 1) * columns) ?? new Float64Array(0);
      return values.every(Number.isNaN) ? new Float64Array(0) : values;
    };
  };
  const [calculated, background] = [rowsOf('calculated'), rowsOf('background')];
  const observed = data.numbers('intensity');
  const sigma = data.numbers('intensity_errors');
  for (let row = 0; row < index.length; row++) {
    const slice = (values: Float64Array): Float64Array => values.slice(row * columns, (row + 1) * columns);
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
