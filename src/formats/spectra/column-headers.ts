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

/** CLS data acquisition: '#(1)' and tabs between quoted names; the later of two lines has the shorter names. */
const clsNames: NameReader = (header, width) => {
  const rows = header.filter((line) => /^#\(1\)\t/u.test(line)).map((line) => line.split('\t').slice(1));
  const row = rows.filter((names) => names.length === width).at(-1);
  return row?.map((name) => name.replace(/["$()]/gu, '').trim()) ?? null;
};

/** Column names as the header of a known scan program gives them; null where it is none of them. */
export function namesFromHeader(header: string[], width: number): string[] | null {
  for (const read of [gseLabels, labviewHeadings, numberedNames, clsNames]) {
    const names = read(header, width);
    if (names !== null && names.length === width && names.every((name) => name !== '')) return names;
  }
  return null;
}
