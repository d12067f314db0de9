import * as v from 'valibot';
import type { SpectrumEntry } from '../../src/experiment.js';
import { shareHere } from '../../src/pipeline/share.js';
import type { AnyStage, Keyed, StageContext } from '../../src/pipeline/stage.js';
import type { SpectrumCurves, SpectrumResult } from '../../src/result.js';
import { calibrateEnergyStage } from '../../src/stages/calibrate-energy.js';
import { findEdgesStage } from '../../src/stages/find-edges.js';
import { fitMixtureStage } from '../../src/stages/fit-mixture.js';
import { fitPeaksStage } from '../../src/stages/fit-peaks.js';
import { normalizeSpectraStage } from '../../src/stages/normalize-spectra.js';
import { readSpectraStage } from '../../src/stages/read-spectra.js';
import { summarizeSpectraStage } from '../../src/stages/summarize-spectra.js';

const stages: AnyStage[] = [
  readSpectraStage,
  findEdgesStage,
  calibrateEnergyStage,
  normalizeSpectraStage,
  fitPeaksStage,
  fitMixtureStage,
  summarizeSpectraStage,
];

export interface SpectroscopyRun {
  results: { result: SpectrumResult; curves: SpectrumCurves }[];
  problems: string[];
  products: Map<string, Keyed<unknown>[]>;
}

/** Runs the spectroscopy stages one after the other in this process, without cache and workers. */
export async function runSpectroscopy(
  entries: SpectrumEntry[],
  params: Record<string, unknown> = {},
): Promise<SpectroscopyRun> {
  const problems: string[] = [];
  const products = new Map<string, Keyed<unknown>[]>([
    [
      'spectrum-files',
      entries.map((value, i) => ({ key: `${String(i).padStart(2, '0')} ${value.label}`, value })),
    ],
  ]);
  for (const stage of stages) {
    const checked = v.parse(stage.params, params[stage.name] ?? {});
    const [, eachNeed] = Object.entries(stage.needs).find(([, { mode }]) => mode === 'each')!;
    const out: Keyed<unknown>[] = [];
    for (const { key } of products.get(eachNeed.product)!) {
      const inputs = Object.fromEntries(
        Object.entries(stage.needs).map(([name, { product, mode }]) => {
          const items = products.get(product) ?? [];
          return [name, mode === 'all' ? items : items.find((item) => item.key === key)?.value];
        }),
      );
      const tell = (message: string): void => void problems.push(`${stage.name} ${key}: ${message}`);
      const context: StageContext = {
        key,
        warn: tell,
        error: tell,
        progress: () => undefined,
        share: shareHere,
      };
      try {
        const made = await stage.run(inputs as never, checked as never, context);
        if (stage.split) out.push(...(made as Keyed<unknown>[]));
        else out.push({ key, value: made });
      } catch (thrown) {
        tell(`failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      }
    }
    products.set(stage.gives, out);
  }
  return {
    products,
    problems,
    results: products
      .get('spectrum-results')!
      .map(({ value }) => value as SpectroscopyRun['results'][number]),
  };
}

/** An entry of an experiment file. */
export const entryOf = (
  file: string,
  label: string,
  element: string,
  role: SpectrumEntry['role'],
  more: Partial<SpectrumEntry> = {},
): SpectrumEntry => ({
  file,
  group: null,
  scans: [{ file, group: more.group ?? null }],
  clean: { from_eV: null, to_eV: null, drop_eV: [] },
  label,
  element,
  edge: 'K',
  role,
  e0_eV: null,
  feature: null,
  at: null,
  columns: null,
  mu: null,
  line: 1,
  ...more,
});
