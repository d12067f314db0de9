import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readResultNexus, writeResultNexus } from '../../src/formats/results/result-nexus.js';
import { figuresOf } from '../../src/report/figure-list.js';
import type { ResultBundle } from '../../src/result.js';
import { fullBundle } from '../support/bundle.js';
import { folderWith } from '../support/folder.js';

const drawn = (bundle: ResultBundle): string =>
  figuresOf(bundle)
    .find(({ id }) => id === 'scan-on-map-cross-section')!
    .draw();
/** Where the label of the map's own boundary stands, in px. */
const ownLabel = (svg: string): number | null => {
  const found = / x="([\d.]+)">anode \| AEI \(XRF\)</.exec(svg);
  return found && Number(found[1]);
};

it('draws elements along the scan from the stored file just as from the run', async () => {
  const bundle = fullBundle({ pointsPerPattern: 50 });
  const path = join(folderWith({}), 'result.nxs');
  await writeResultNexus(path, bundle);
  const stored = { result: bundle.result, ...(await readResultNexus(path)) };
  expect(stored.maps.flatMap(({ profiles }) => profiles ?? []).map(({ element }) => element)).toEqual([
    'In',
    'Y',
  ]);
  expect(drawn(stored)).toBe(drawn(bundle));
});

it("puts the map's own boundary where the scan crosses it, in either direction", () => {
  const bundle = fullBundle({ pointsPerPattern: 50 });
  const [scan] = bundle.result.maps.find(({ name }) => name === 'xrf')!.scans!;
  Object.assign(scan!, { origin_x_um: 120, angle_deg: 0 });
  const there = ownLabel(drawn(bundle));
  Object.assign(scan!, { origin_x_um: 180, angle_deg: 180 });
  expect(ownLabel(drawn(bundle))).toBe(there);
  expect(there).not.toBeNull();
  Object.assign(scan!, { origin_x_um: 175 });
  expect(ownLabel(drawn(bundle))!).toBeLessThan(there!);
  Object.assign(scan!, { angle_deg: 90 });
  expect(ownLabel(drawn(bundle))).toBeNull();
});
