/** Ways in which scan programs name their columns other than by a line of words right above the table. */
type NameReader = (header: string[], width: number) => string[] | null;

/** EPICS scan files of APS 13-ID and 13-BM: '; P1 = {Energy} --> PV' for the labels of the last line. */
const gseLabels: NameReader = (header) => {
  const meaning = new Map<string, string>();
  for (const line of header) {
    const match = /^[;#]\s*([PD]\d+)\s*=\s*\{([^}]*)\}/u.exec(line);
    if (match) meaning.set(match[1]!, match[2]!.trim());
  }
  if (meaning.size === 0) return null;
  const labels = (header.at(-1) ?? '')
    .replace(/^[;#\s]+/u, '')
    .trim()
    .split(/\s+/u);
  return labels.map((label) => meaning.get(label) ?? label);
};

const LABVIEW_WIDTH = 21;

/** LabVIEW scan files of APS 9-BM and 20-ID: under 'Column Headings:' one line, 21 characters a name. */
const labviewHeadings: NameReader = (header) => {
  const at = header.findIndex((line) => /^#\s*Column Headings:/u.test(line));
  const line = header[at + 1];
  if (at < 0 || line === undefined) return null;
  const text = line.replace(/^#/u, '');
  const count = Math.ceil(text.trimEnd().length / LABVIEW_WIDTH);
  return Array.from({ length: count }, (_, i) =>
    text
      .slice(i * LABVIEW_WIDTH, (i + 1) * LABVIEW_WIDTH)
      .replace(/\*?\s*$/u, '')
      .trim(),
  );
};

/** APS 12-BM: '#C 1_Energy (keV) 2_sec 3_mononrg …'. */
const numberedNames: NameReader = (header) => {
  const line = header.find((text) => /^#C?\s*1_\S/u.test(text));
  if (line === undefined) return null;
  return line
    .replace(/^#C?\s*/u, '')
    .trim()
    .split(/\s+(?=\d+_)/u)
    .map((word) => word.replace(/^\d+_/u, '').trim());
};

/**
 * CLS data acquisition: '#(1)' and tabs between quoted names, the later of two lines with the shorter names; or a list
 * '# column 6: I0 BL1606-ID1:mcs04:fbk' for each kind of row, with the process variable last.
 */
const clsNames: NameReader = (header, width) => {
  const rows = header.filter((line) => /^#\(1\)\t/u.test(line)).map((line) => line.split('\t').slice(1));
  const row = rows.filter((names) => names.length === width).at(-1);
  return (row ?? clsList(header, width))?.map((name) => name.replace(/["$()]/gu, '').trim()) ?? null;
};

function clsList(header: string[], width: number): string[] | null {
  const lists: string[][] = [];
  for (const line of header) {
    const [, number, text = ''] = /^#\s*column\s+(\d+):\s*(.*)$/u.exec(line) ?? [];
    if (number === undefined) continue;
    if (number === '1') lists.push([]);
    lists.at(-1)?.push(text.trim().replace(/(?<=\S)\s+\S+$/u, ''));
  }
  return lists.findLast((names) => names.length === width) ?? null;
}

/** NSLS before XDAC (EDC): 'DETECTORSI0  I  IF  ENC' names what stands behind the energy. */
const edcDetectors: NameReader = (header) => {
  const line = header.find((text) => /^\s*DETECTORS\s*\S/u.test(text));
  if (line === undefined || !/\bEDC\b/u.test(header[0] ?? '')) return null;
  return [
    'energy',
    ...line
      .replace(/^\s*DETECTORS/u, '')
      .trim()
      .split(/\s+/u),
  ];
};

/** DESY's .fio: ' Col 3 SCAN_0001_C1  FLOAT'; what all names share is the scan's own name. */
const fioColumns: NameReader = (header) => {
  const names = header.flatMap((line) => /^\s*Col\s+\d+\s+(\S+)/u.exec(line)?.[1] ?? []);
  if (names.length === 0) return null;
  const scan = names[0]!;
  return names.map((name, i) => {
    if (name !== scan) return name.startsWith(`${scan}_`) ? name.slice(scan.length + 1) : name;
    return i === 0 ? 'energy' : 'mu';
  });
};

/** XAFS at Elettra names nothing: energy asked and read, I0, It, ln(I0/It), Ir, ln(It/Ir), time. */
const elettraColumns: NameReader = (header) =>
  header.some((line) => /^Picoam I0 gain/u.test(line))
    ? ['energy', 'energy_readback', 'i0', 'itrans', 'mutrans', 'irefer', 'murefer', 'time']
    : null;

/** Athena 0.8 names a last column 'stddev' that it does not write where nothing was merged. */
const athenaLabels: NameReader = (header, width) => {
  if (!/^#\s*Athena data file/u.test(header[0] ?? '')) return null;
  const names = (header.at(-1) ?? '').replace(/^#/u, '').trim().split(/\s+/u);
  return names.length === width + 1 && names.at(-1) === 'stddev' ? names.slice(0, -1) : null;
};

/** Column names as the header of a known scan program gives them; null where it is none of them. */
export function namesFromHeader(header: string[], width: number): string[] | null {
  for (const read of [
    gseLabels,
    labviewHeadings,
    numberedNames,
    clsNames,
    edcDetectors,
    fioColumns,
    elettraColumns,
    athenaLabels,
  ]) {
    const names = read(header, width);
    if (names !== null && names.length === width && names.every((name) => name !== '')) return names;
  }
  return null;
}
