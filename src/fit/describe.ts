import type { FitResult } from './types.js';

/** A fit in words and columns, for logs and reports; correlations above `correlation` are listed. */
export function describeFit(fit: FitResult, correlation = 0.5): string {
  const lines = [
    `${fit.converged ? 'Fit' : 'Fit WITHOUT CONVERGENCE'}: ${fit.reason}, ${fit.iterations} iterations`,
    `  points - parameters  ${fit.degreesOfFreedom}`,
    `  chi square           ${format(fit.chi2)}   reduced ${format(fit.reducedChi2)}`,
    `  AIC ${format(fit.aic)}   BIC ${format(fit.bic)}`,
    'Parameters',
    ...fit.parameters.map((p) => {
      if (!p.varied) return `  ${p.name}: ${format(p.value)} (fixed)`;
      const share = p.value !== 0 ? ` (${Math.abs((100 * p.sigma) / p.value).toPrecision(2)} %)` : '';
      const error = Number.isNaN(p.sigma) ? 'not determined by the data' : `${format(p.sigma)}${share}`;
      return `  ${p.name}: ${format(p.value)} +/- ${error}${p.atBound ? '  AT ITS BOUND' : ''}`;
    }),
  ];
  const pairs = correlations(fit).filter(({ value }) => Math.abs(value) >= correlation);
  if (pairs.length > 0) lines.push('Correlations');
  for (const { a, b, value } of pairs) lines.push(`  ${a}, ${b}: ${value.toFixed(3)}`);
  return lines.join('\n');
}

/** Correlation coefficients of all pairs of varied parameters, strongest first. */
export function correlations({ varied, covariance }: FitResult): { a: string; b: string; value: number }[] {
  const n = varied.length;
  const pairs: { a: string; b: string; value: number }[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const value = covariance[i * n + j]! / Math.sqrt(covariance[i * n + i]! * covariance[j * n + j]!);
      if (Number.isFinite(value)) pairs.push({ a: varied[i]!, b: varied[j]!, value });
    }
  }
  return pairs.sort((p, q) => Math.abs(q.value) - Math.abs(p.value));
}

const format = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(7))) : String(value);
