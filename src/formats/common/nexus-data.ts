import { H5DatasetReader, H5GroupReader } from './hdf5.js';
import { suggestion } from './nearest.js';

/** An NXdata: its signal, the datasets of its axes in order ('.' or missing: null), and further signals. */
export interface NexusData {
  group: H5GroupReader;
  signal: H5DatasetReader;
  axes: (H5DatasetReader | null)[];
  axisNames: string[];
  auxiliary: { name: string; dataset: H5DatasetReader }[];
}

/** All groups of a file that are NXdata (by class, or by carrying a `signal`). */
export function nexusDataGroups(root: H5GroupReader): H5GroupReader[] {
  const found: H5GroupReader[] = [];
  for (const item of [root, ...root.walk()]) {
    if (!(item instanceof H5GroupReader)) continue;
    if (item.nxClass === 'NXdata' || item.attributeText('signal') !== null) found.push(item);
  }
  return found;
}

/** The group whose default plot a NeXus file names by its `default` attributes. */
function defaultData(root: H5GroupReader): H5GroupReader | null {
  let at: H5GroupReader | null = root;
  for (let depth = 0; at !== null && depth < 8; depth++) {
    if (at.nxClass === 'NXdata') return at;
    const next: string | null = at.attributeText('default');
    at = next === null ? null : at.groupAt(next);
  }
  return null;
}

/**
 * The NXdata at a path; without one, the file's default plot if it suits, or the only group that suits.
 * @param suits tells whether a group can be what is looked for.
 * @throws InputError where there is none, or several and no path.
 */
export function findNexusData(
  root: H5GroupReader,
  path: string | null,
  suits: (data: NexusData) => boolean = () => true,
): NexusData {
  if (path !== null) return dataAt(root, path);
  const standard = defaultData(root);
  const groups = nexusDataGroups(root);
  const readable = [...(standard === null ? [] : [standard]), ...groups].flatMap(
    (group) => tryNexusData(group) ?? [],
  );
  const found = readable.filter(suits);
  const distinct = new Set(found.map(({ group }) => group.path));
  if (found.length > 0 && (found[0]!.group.path === standard?.path || distinct.size === 1)) return found[0]!;
  if (distinct.size > 1) {
    throw root.fault(
      `holds ${distinct.size} NXdata groups that could be meant`,
      `name one with data: ${[...distinct].slice(0, 6).join(', ')}`,
    );
  }
  if (groups.length > 0) return readNexusData(standard ?? groups[0]!);
  throw root.fault('holds no NXdata group (a group with signal and axes)');
}

function dataAt(root: H5GroupReader, path: string): NexusData {
  const found = root.child(path);
  if (found instanceof H5DatasetReader)
    throw found.fault('is a dataset; the path must name the group (NXdata) around it');
  if (found !== null) return readNexusData(found);
  const groups = nexusDataGroups(root).map((group) => group.path);
  throw root.fault(`there is no group '${path}'`, suggestion(path, groups));
}

/** The same, or null where it is no NXdata that can be read. */
export function tryNexusData(group: H5GroupReader): NexusData | null {
  try {
    return readNexusData(group);
  } catch {
    return null;
  }
}

/** Reads the declarations of an NXdata group, in the form of attributes on the group or (older) on the datasets. */
export function readNexusData(group: H5GroupReader): NexusData {
  const names = group.names();
  const signalName =
    group.attributeText('signal') ??
    names.find((name) => group.dataset(name)?.attributeText('signal') === '1') ??
    null;
  if (signalName === null)
    throw group.fault("has no attribute 'signal'", 'name the dataset that holds the data');
  const signal = group.dataset(signalName);
  if (signal === null)
    throw group.fault(
      `has no dataset '${signalName}', which its signal attribute names`,
      suggestion(signalName, names),
    );
  const axisNames = axisNamesOf(group, signal);
  const axes = axisNames.map((name) => (name === '.' ? null : group.dataset(name)));
  const auxiliary = group.attributeTexts('auxiliary_signals').flatMap((name) => {
    const dataset = group.dataset(name);
    return dataset === null ? [] : [{ name, dataset }];
  });
  return { group, signal, axes, axisNames, auxiliary };
}

function axisNamesOf(group: H5GroupReader, signal: H5DatasetReader): string[] {
  const declared = group.attributeTexts('axes');
  const texts = declared.length > 0 ? declared : signal.attributeTexts('axes');
  return texts.length === 1
    ? texts[0]!
        .replace(/^\[|\]$/gu, '')
        .split(/[:,\s]+/u)
        .filter(Boolean)
    : texts;
}

const ANGLE_NAME = /two.?theta|2.?th|tth|polar.?angle|scattering.?angle|^q$|^q_/iu;
const AROUND_NAME = /azim|chi|sector/iu;
/** What pyFAI says of the axis that it calls 'radial', and of units. */
const ANGLE_WORDS = /^2th|^q(_|$)|scattering (angle|vector)|radial direction/iu;

/** Index of the axis of diffraction angles (2theta, or q), by its name or by what its dataset says of itself; or -1. */
export function diffractionAxis({ axes, axisNames }: NexusData): number {
  const named = axisNames.findIndex((name) => ANGLE_NAME.test(name) && !AROUND_NAME.test(name));
  if (named >= 0) return named;
  const says = (dataset: H5DatasetReader | null): boolean =>
    ['name', 'long_name', 'units', 'unit'].some((key) => ANGLE_WORDS.test(dataset?.attributeText(key) ?? ''));
  return axisNames.findIndex((name, i) => !AROUND_NAME.test(name) && says(axes[i] ?? null));
}

/** Index of the axis around the ring, or -1. */
export const azimuthAxis = ({ axisNames }: NexusData): number =>
  axisNames.findIndex((name) => AROUND_NAME.test(name));
