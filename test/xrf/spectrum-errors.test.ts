import { describe, expect, it } from 'vitest';
import { Random } from '../../src/numeric/random.js';
import { addPeak, escapeEnergy_eV, escapeRatio } from '../../src/xrf/spectrum/detector.js';
import { lineGroup } from '../../src/xrf/spectrum/line-groups.js';
import { planSpectra } from '../../src/xrf/spectrum/spectrum-plan.js';
import { fitMap, sumSpectrum } from '../support/fit-map.js';

const detector = { offset_eV: 20, gain_eV: 10, noise_eV: 100, fano: 0.12 };
const channels = 1300;
const incident_eV = 12000;

function meanSpectrum(areas: Record<string, number>, background = 0.02): Float64Array {
  const mean = Float64Array.from({ length: channels }, (_, k) => background * Math.exp(-k / 500));
  for (const [name, area] of Object.entries(areas)) {
    const group = lineGroup(name, { incident_eV, lowest_eV: 1000, highest_eV: incident_eV });
    if ('refused' in group) throw new Error(group.refused);
    for (const line of group.lines) {
      addPeak(mean, 0, detector, line.energy_eV, line.share * area);
      const escaped = line.share * area * escapeRatio(line.energy_eV);
      addPeak(mean, 0, detector, escapeEnergy_eV(line.energy_eV), escaped);
    }
  }
  addPeak(mean, 0, detector, incident_eV, 20);
  return mean;
}

function poisson(mean: Float64Array, pixels: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: pixels * channels }, (_, i) => random.poisson(mean[i % channels]));
}

const fitted = (counts: Float32Array, elements: string[], more: object = {}) => {
  const plan = planSpectra(sumSpectrum(counts, channels), detector, { elements, incident_eV, ...more });
  if ('impossible' in plan) throw new Error(plan.impossible);
  return { plan, ...fitMap(counts, channels, plan) };
};

describe('errors of single pixels against Poisson truth', () => {
  const truth = { Cl: 0.1, K: 0.3, Ca: 1, Ti: 3, Fe: 10, Ni: 30, Cu: 100 };
  const pixels = 700;
  const { images } = fitted(poisson(meanSpectrum(truth), pixels, 11), Object.keys(truth));

  it.each(Object.entries(truth).map(([name, area], g) => [name, area, g] as const))(
    '%s of %f counts a pixel',
    (_name, area, g) => {
      const { values, sigma } = images[g];
      const inside = values.filter((v, i) => Math.abs(v - area) < 1.96 * sigma![i]).length / pixels;
      // Where chance decides between zero and one count, the interval may be too wide, never too narrow.
      expect(inside).toBeGreaterThan(area < 5 ? 0.86 : 0.91);
      if (area < 3) return;
      const pull = Math.sqrt(values.reduce((s, v, i) => s + ((v - area) / sigma![i]) ** 2, 0) / pixels);
      expect(pull).toBeGreaterThan(0.9);
      expect(pull).toBeLessThan(area < 20 ? 1.25 : 1.15);
      const mean = values.reduce((a, b) => a + b, 0) / pixels;
      expect(Math.abs(mean / area - 1)).toBeLessThan(0.04);
    },
  );

  it('widens errors of counts that were corrected for dead time', () => {
    const counts = poisson(meanSpectrum({ Fe: 50 }), 500, 5).map((v) => 2 * v);
    const plan = planSpectra(sumSpectrum(counts, channels), detector, { elements: ['Fe'], incident_eV });
    if ('impossible' in plan) throw new Error(plan.impossible);
    const variance = new Float64Array(500).fill(2);
    const [{ values, sigma }] = fitMap(counts, channels, plan, variance).images;
    const pull = Math.sqrt(values.reduce((s, v, i) => s + ((v - 100) / sigma![i]) ** 2, 0) / 500);
    expect(pull).toBeGreaterThan(0.9);
    expect(pull).toBeLessThan(1.12);
  });

  it('counts pixels without a single count as not measured where the others have many', () => {
    const counts = poisson(meanSpectrum({ Fe: 50 }), 60, 6);
    counts.fill(0, 7 * channels, 9 * channels);
    const { images: found, unmeasured } = fitted(counts, ['Fe']);
    expect(unmeasured).toBe(2);
    expect([...found[0].values].map(Number.isNaN).flatMap((lost, i) => (lost ? i : []))).toEqual([7, 8]);
    const faint = fitted(poisson(meanSpectrum({ Fe: 0.5 }, 0.0001), 60, 6).fill(0, 0, channels), ['Fe']);
    expect(faint.unmeasured === 0 || faint.plan.sum.reduce((a, b) => a + b, 0) > 20 * 60).toBe(true);
  });
});

describe('what a detector adds to the lines', () => {
  it('takes an escape peak for what it is, not for another element', () => {
    // The escape peak of Fe lies at 4.66 keV, the L alpha line of La at 4.65.
    const counts = poisson(meanSpectrum({ Fe: 2000 }, 0.05), 100, 3);
    const [known, unknown] = [true, false].map((escapes) => {
      const { areas } = fitted(counts, ['Fe', 'La L'], { refine: false, detector, escape: escapes }).plan;
      return areas[1];
    });
    expect(Math.abs(known.counts)).toBeLessThan(4 * known.sigma);
    expect(unknown.counts).toBeGreaterThan(10 * unknown.sigma);
  });

  it('takes a pile-up peak for what it is', () => {
    // Two Ca photons at once are seen at 7.38 keV, beside the K alpha line of Ni at 7.47.
    const mean = meanSpectrum({ Ca: 300, Ni: 5 }, 0.05);
    const piled = mean.slice();
    const zero = detector.offset_eV / detector.gain_eV;
    for (let a = 0; a < channels; a++)
      for (let b = 0; b < channels; b++) {
        const at = a + b + zero;
        if (at < channels) piled[at] += 2e-5 * mean[a] * mean[b];
      }
    const random = new Random(4);
    const sum = piled.map((v) => random.poisson(1200 * v));
    const [known, unknown] = [true, false].map((pileUp) => {
      const plan = planSpectra(sum, detector, {
        elements: ['Ca', 'Ni'],
        incident_eV,
        refine: false,
        detector,
        pileUp,
      });
      if ('impossible' in plan) throw new Error(plan.impossible);
      return plan.areas[1];
    });
    expect(Math.abs(known.counts - 6000)).toBeLessThan(3 * known.sigma);
    expect(unknown.counts - 6000).toBeGreaterThan(6 * unknown.sigma);
  });

  it('loses no counts where the sum itself holds few of them a channel', () => {
    const random = new Random(9);
    const mean = meanSpectrum({ Ca: 30, Ni: 5 }, 0.02);
    const pulls = Array.from({ length: 60 }, () => {
      const sum = mean.map((v) => random.poisson(120 * v));
      const more = { pileUp: false, backgroundPieces: 1, refine: false };
      const plan = planSpectra(sum, detector, { elements: ['Ca', 'Ni'], incident_eV, ...more });
      if ('impossible' in plan) throw new Error(plan.impossible);
      return (plan.areas[1].counts - 600) / plan.areas[1].sigma;
    });
    const average = pulls.reduce((a, b) => a + b, 0) / pulls.length;
    // Weights from the channels' own counts give -1.1.
    expect(average).toBeGreaterThan(-0.6);
    expect(average).toBeLessThan(1);
    expect(Math.sqrt(pulls.reduce((s, p) => s + p * p, 0) / pulls.length)).toBeLessThan(1.35);
  });
});
