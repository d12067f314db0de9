import { InputError } from '../../errors.js';
import type { SpectrumScan } from '../../measurement.js';
import { isHdf5 } from '../common/hdf5.js';
import { type InputFile, looksLikeText, openInput, readHead, textOf } from '../common/input.js';
import { suggestion } from '../common/nearest.js';
import { isKek9809, isLytle, readKek9809, readLytle } from './angle-scans.js';
import { isAthena, readAthena } from './athena.js';
import { readColumns } from './columns.js';
import { isFdmnes, readFdmnes } from './fdmnes.js';
import { readHdf5Scans } from './nexus-xas.js';
import { isSpec, readSpec } from './spec.js';
import { isSsrlBinary, isSsrlText, readSsrlBinary, readSsrlText } from './ssrl.js';
import { isXdi, readXdi } from './xdi.js';

interface TextFormat {
  name: string;
  recognises(text: string): boolean;
  read(file: InputFile, text: string): SpectrumScan[];
}

/** Formats with a sign of their own, in the order in which they are asked. */
const TEXT_FORMATS: TextFormat[] = [
  { name: 'XDI', recognises: isXdi, read: (file) => [readXdi(file)] },
  { name: 'Athena project', recognises: isAthena, read: readAthena },
  { name: 'SSRL', recognises: isSsrlText, read: (file, text) => [readSsrlText(file, text)] },
  { name: 'KEK-PF 9809', recognises: isKek9809, read: (file) => [readKek9809(file)] },
  { name: 'Lytle database', recognises: isLytle, read: (file) => [readLytle(file)] },
  { name: 'FDMNES', recognises: isFdmnes, read: (file, text) => [readFdmnes(file, text)] },
  { name: 'SPEC', recognises: isSpec, read: readSpec },
];

/** Scans of a file that carries the sign of a spectroscopy format; null where it has none and may be plain columns. */
export function readSignedScans(file: InputFile): SpectrumScan[] | null {
  if (isSsrlBinary(file.bytes)) return [readSsrlBinary(file)];
  if (!looksLikeText(file.bytes.subarray(0, 65_536))) return null;
  const text = textOf(file);
  return TEXT_FORMATS.find((format) => format.recognises(text))?.read(file, text) ?? null;
}

/**
 * All scans of a spectroscopy file of any known format, text or HDF5, also gzipped.
 * @param group path of an HDF5 group to read.
 * @throws InputError where the file is no such thing.
 */
export async function readSpectrumScans(path: string, group: string | null = null): Promise<SpectrumScan[]> {
  if (await hasHdf5(path)) return readHdf5Scans(path, group?.includes('/') ? group : null);
  const file = openInput(path);
  return readSignedScans(file) ?? [readColumns(file)];
}

async function hasHdf5(path: string): Promise<boolean> {
  const head = readHead(path);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return isHdf5(head);
  return /\.(?:h5|hdf5?|nxs|nx5)\.gz$/iu.test(path);
}

/** The scan of that name (title, or path of its HDF5 group), or the only one. */
export function pickScan(scans: SpectrumScan[], group: string | null, path: string): SpectrumScan {
  if (group === null) {
    if (scans.length === 1) return scans[0]!;
    const names = scans
      .map(({ title }) => title)
      .slice(0, 12)
      .join(', ');
    throw new InputError(`holds ${scans.length} spectra`, { path }, `choose one with group: ${names}`);
  }
  const wanted = group.trim().toLowerCase();
  const called = (scan: SpectrumScan): string[] =>
    [scan.title, scan.metadata.group ?? '', scan.metadata.old_group ?? ''].map((name) =>
      name.trim().toLowerCase(),
    );
  const found =
    scans.find((scan) => called(scan).includes(wanted)) ??
    (scans.length === 1 && scans[0]!.metadata.group?.startsWith(group) ? scans[0]! : undefined);
  if (found === undefined) {
    throw new InputError(
      `holds no spectrum '${group}'`,
      { path },
      suggestion(
        group,
        scans.map(({ title }) => title),
      ),
    );
  }
  return found;
}
