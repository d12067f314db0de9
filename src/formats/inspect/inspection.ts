/** What `interphase inspect` says of a file: facts first, the sentence made of them second. */
export interface Inspection {
  file: string;
  /** false: no reader knows the file. */
  recognised: boolean;
  kind:
    | 'spectra'
    | 'pattern'
    | 'line-scan'
    | 'element-map'
    | 'spectrum-map'
    | 'energy-stack'
    | 'structure'
    | 'experiment'
    | 'positions'
    | 'hdf5'
    | 'table'
    | 'text'
    | 'binary'
    | 'unreadable';
  format: string | null;
  gzipped: boolean;
  /** One sentence. */
  summary: string;
  /** Lines of detail, in words. */
  details: string[];
  /** The same in numbers and names. */
  content: Record<string, unknown>;
  warnings: string[];
}

export type Finding = Omit<Inspection, 'file' | 'gzipped'>;

/** A number with at most seven digits, for words. */
export const brief = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(7))) : String(value);

/** A recognised file, or a recognised part of one. */
export const finding = (
  kind: Finding['kind'],
  format: string | null,
  summary: string,
  details: string[] = [],
  content: Record<string, unknown> = {},
  warnings: string[] = [],
): Finding => ({ recognised: true, kind, format, summary, details, content, warnings });
