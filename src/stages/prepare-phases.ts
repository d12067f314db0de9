import * as v from 'valibot';
import { InputError } from '../errors.js';
import { resolvePhase } from '../formats/crystal/phase.js';
import { orderLines } from '../interphase/lines/order-lines.js';
import { defineStage } from '../pipeline/stage.js';
import { buildScanModels, type ScanPhase, scanPhases } from '../xrd/refine/scan-start.js';
import { need } from './products.js';
import { patternsOf } from './scan-patterns.js';

export const preparePhases = defineStage({
  name: 'prepare-phases',
  version: 5,
  summary:
    'Computes the lines of the phases, and the zero, widths and cells that all patterns of a scan start from.',
  needs: {
    settings: need('line-scans', 'each'),
    patterns: need('patterns', 'stream'),
    checks: need('frame-checks', 'children'),
  },
  gives: 'phase-models',
  split: true,
  heavy: true,
  params: v.strictObject({
    backgroundTerms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(24)), 12),
    site: v.optional(v.picklist(['in-on-6h', 'in-on-6g', 'in-on-y', 'y-migration']), 'in-on-6h'),
  }),
  run({ settings, patterns, checks }, { backgroundTerms, site }, context) {
    const scan = { ...settings, patterns: patternsOf(patterns) };
    if (scan.phases.length === 0) {
      context.warn('no phases are named: the patterns are read and drawn, not refined', scan.name);
      return [];
    }
    const structures = scan.phases.map((source) => {
      const { structure, warnings } = resolvePhase(source);
      for (const warning of warnings) context.warn(warning, source.name);
      return structure;
    });
    const dopant = scan.dopant ? { element: scan.dopant.element, charge: 3 } : undefined;
    const phases = phasesOrUndoped(
      scan,
      structures,
      { kind: site, ...(dopant ? { dopant } : {}) },
      (message) => context.warn(message, scan.name),
    );
    const models = buildScanModels(
      scan,
      checks.map(({ value }) => value),
      phases,
      orderLines(phases),
      backgroundTerms,
    );
    if (!Number.isFinite(models.mean.gof)) context.warn('no frame of the scan can be used', scan.name);
    return [{ key: context.key, value: models }];
  },
});

/** A structure that lacks the sites of the dopant is refined without it, and that is said. */
function phasesOrUndoped(
  scan: Parameters<typeof scanPhases>[0],
  structures: Parameters<typeof scanPhases>[1],
  substitution: Parameters<typeof scanPhases>[2],
  warn: (message: string) => void,
): ScanPhase[] {
  try {
    return scanPhases(scan, structures, substitution);
  } catch (thrown) {
    if (!(thrown instanceof InputError) || scan.dopant === null) throw thrown;
    warn(`no composition is refined: ${thrown.what}`);
    return scanPhases({ ...scan, dopant: null }, structures, substitution);
  }
}
