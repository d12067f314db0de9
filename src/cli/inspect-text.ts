import type { Inspection } from '../formats/inspect/inspection.js';

/** An inspection in words: the file and its sentence, then what it holds, then what to know about it. */
export function inspectionText({ file, summary, details, warnings, gzipped }: Inspection): string {
  return [
    `${file}: ${summary}${gzipped ? ' (gzipped)' : ''}`,
    ...details.map((line) => `  ${line}`),
    ...warnings.map((warning) => `  note: ${warning}`),
  ].join('\n');
}
