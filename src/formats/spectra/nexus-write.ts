import type { Pattern, SpectrumScan } from '../../measurement.js';
import { itemName, NexusGroup, openHdf5 } from '../common/nexus-tree.js';

/** Writes scans as NeXus: one NXentry each, its columns in an NXdata against energy. */
export async function writeScansNexus(path: string, scans: SpectrumScan[]): Promise<void> {
  const file = await openHdf5(path, 'w');
  const root = new NexusGroup(file)
    .attribute('NX_class', 'NXroot')
    .attribute('default', nameOf(scans[0]!, 0));
  scans.forEach((scan, index) => {
    const entry = root
      .child(nameOf(scan, index), 'NXentry')
      .attribute('default', 'data')
      .text('title', scan.title);
    if (scan.element !== null) entry.text('element', scan.element);
    if (scan.edge !== null) entry.text('edge', scan.edge);
    const axis = scan.columns.find(({ role }) => role === 'energy' || role === 'angle') ?? scan.columns[0]!;
    const signal =
      scan.columns.find(({ role }) => /^mu|^norm$/u.test(role)) ??
      scan.columns.find((column) => column !== axis) ??
      axis;
    const data = entry.data('data', memberName(signal.name), [memberName(axis.name)], scan.title);
    for (const { name, unit, values } of scan.columns) {
      const units = unit ?? (name === axis.name && axis.role === 'energy' ? 'eV' : undefined);
      data.numbers(memberName(name), values, { longName: name, ...(units === undefined ? {} : { units }) });
    }
  });
  file.close();
}

const nameOf = ({ title }: SpectrumScan, index: number): string => itemName('spectrum', index, title);

/** Slashes would make groups. */
const memberName = (name: string): string => name.trim().replace(/[/\s]+/gu, '_') || 'column';

/** Writes a powder pattern as NeXus. */
export async function writePatternNexus(
  path: string,
  { label, twoTheta_deg, intensity, sigma }: Pattern,
): Promise<void> {
  const file = await openHdf5(path, 'w');
  const root = new NexusGroup(file).attribute('NX_class', 'NXroot').attribute('default', 'entry');
  const data = root
    .child('entry', 'NXentry')
    .attribute('default', 'pattern')
    .data('pattern', 'intensity', ['two_theta'], label);
  data.numbers('two_theta', twoTheta_deg, { units: 'deg', longName: '2theta' });
  data.numbers('intensity', intensity, {
    units: 'counts',
    longName: 'intensity',
    interpretation: 'spectrum',
  });
  if (sigma !== null) data.numbers('intensity_errors', sigma, { units: 'counts' });
  file.close();
}
