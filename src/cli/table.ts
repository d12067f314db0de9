/** A plain text table: columns as wide as they need, numbers to the right. */
export function textTable(header: string[], rows: string[][]): string {
  const numeric = header.map(
    (_, j) => rows.length > 0 && rows.every((row) => /^[-+−]?[\d.]|^$|^–$/.test(row[j] ?? '')),
  );
  const width = header.map((title, j) => Math.max(title.length, ...rows.map((row) => (row[j] ?? '').length)));
  const line = (cells: string[]): string =>
    cells
      .map((cell, j) => (numeric[j] ? cell.padStart(width[j]) : cell.padEnd(width[j])))
      .join('  ')
      .trimEnd();
  return [line(header), width.map((w) => '─'.repeat(w)).join('  '), ...rows.map(line)].join('\n');
}

/** `0.193 ± 0.011`: the uncertainty with two significant digits, the value with as many decimals. */
export function plusMinus(measured: { value: number; sigma: number } | null | undefined, unit = ''): string {
  if (!measured || !Number.isFinite(measured.value)) return '–';
  const { value, sigma } = measured;
  const tail = unit && ` ${unit}`;
  if (!(sigma > 0) || !Number.isFinite(sigma)) return `${Number(value.toPrecision(5))}${tail}`;
  const decimals = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(sigma))));
  return `${value.toFixed(decimals)} ± ${sigma.toFixed(decimals)}${tail}`;
}
