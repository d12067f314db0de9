import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { readPipeline } from '../../src/pipeline/pipeline-file.js';
import { defineStage } from '../../src/pipeline/stage.js';

const stages = [
  defineStage({
    name: 'normalize',
    version: 1,
    summary: '',
    needs: { spectrum: { product: 'spectra', mode: 'each' } },
    gives: 'normalized',
    params: v.strictObject({ profile: v.optional(v.picklist(['strict', 'larch-2026']), 'strict') }),
    run: () => 0,
  }),
  defineStage({
    name: 'peaks',
    version: 1,
    summary: '',
    needs: { spectrum: { product: 'normalized', mode: 'each' } },
    gives: 'peaks',
    params: v.strictObject({ count: v.optional(v.number(), 2) }),
    run: () => 0,
  }),
];
const read = (text: string) => readPipeline(text, 'p.yaml', stages, ['spectra']);

describe('the pipeline file', () => {
  it('gives steps with completed parameters and connections', () => {
    const pipeline = read(
      'name: demo\nstages:\n  - stage: peaks\n  - stage: normalize\n    with: { profile: larch-2026 }\n',
    );
    expect(pipeline.steps.map(({ stage, params, inputs }) => [stage.name, params, inputs])).toEqual([
      ['peaks', { count: 2 }, { spectrum: 'normalized' }],
      ['normalize', { profile: 'larch-2026' }, { spectrum: 'spectra' }],
    ]);
  });

  it.each([
    [
      'name: x\nstages:\n  - stage: normalise\n',
      "p.yaml:3: no stage is called 'normalise' (did you mean 'normalize'?)",
    ],
    [
      'name: x\nstages:\n  - stage: normalize\n    with:\n      profil: strict\n',
      "p.yaml:5: unknown key 'profil' (did you mean 'profile'?)",
    ],
    [
      'name: x\nstages:\n  - stage: normalize\n    wit: {}\n',
      "p.yaml:4: unknown key 'wit' (did you mean 'with'?)",
    ],
    [
      'name: x\nstages:\n  - stage: normalize\n  - stage: peaks\n    with: { count: two }\n',
      'p.yaml:5: \'count\': Invalid type: Expected number but received "two"',
    ],
    [
      'name: x\nstages:\n  - stage: peaks\n',
      "p.yaml:3: input 'spectrum' of stage 'peaks' is not connected: nothing gives 'normalized'",
    ],
    [
      'name: x\nstages:\n  - stage: normalize\n  - stage: normalize\n',
      "p.yaml:4: 'normalized' is given twice, first in line 3 (rename one with 'gives:')",
    ],
    [
      'name: x\nstages:\n  - stage: normalize\n    needs: { spectra: x }\n',
      "p.yaml:4: stage 'normalize' has no input 'spectra'",
    ],
    [
      'name: x\nstages:\n  - stage: normalize\n    needs: { spectrum: peaks }\n  - stage: peaks\n',
      'wait for each other in a circle',
    ],
    ['name: x\nstages: [\n', 'p.yaml:'],
    ['stages: []\n', "'name': "],
  ])('finds what is wrong before anything runs, with its line: %#', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
