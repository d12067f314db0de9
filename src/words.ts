const IRREGULAR: Record<string, string> = { spectrum: 'spectra', entry: 'entries' };

/** `1 pattern`, `30 patterns`, `2 spectra`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${count === 1 ? noun : (IRREGULAR[noun] ?? `${noun}s`)}`;
