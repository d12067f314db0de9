/** Made-up results for the tests of figures, files and report: smooth shapes, known values, no science behind them. */
import type {
  LineScanCurves,
  LineScanResult,
  MapArrays,
  MapResult,
  ResultBundle,
  SpectrumCurves,
  SpectrumResult,
} from '../../src/result.js';

/** Small linear congruential generator (Numerical Recipes): the same noise on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const gaussian = (x: number, at: number, fwhm: number): number => Math.exp(-2.7726 * ((x - at) / fwhm) ** 2);
const step = (x: number, at: number, width: number): number => 1 / (1 + Math.exp(-(x - at) / width));
const range = (n: number, from: number, delta: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => from + i * delta);
const NONE = new Float64Array(0);

const LINES = {
  Li3YCl6: {
    at: [12.7, 13.874, 23.662, 25.098, 25.56, 26.943, 32.592, 34.031, 35.109, 38.758, 41.87],
    height: [42, 22, 7, 100, 10, 16, 58, 7.5, 6, 37, 9],
    hkl: ['110', '101', '002', '301', '220', '112', '302', '410', '222', '330', '412'],
  },
  In: { at: [26.373, 29.033, 31.275, 43.2], height: [100, 21, 31.5, 20], hkl: ['101', '002', '110', '112'] },
  LiIn: { at: [18.207, 29.947, 35.273], height: [20, 100, 53], hkl: ['111', '220', '311'] },
};

export interface ScanOptions {
  patterns?: number;
  pointsPerPattern?: number;
  noAei?: boolean;
}

export function lineScanParts(options: ScanOptions = {}): { result: LineScanResult; curves: LineScanCurves } {
  const n = options.patterns ?? 30;
  const random = seeded(7);
  const positions = range(n, 0, 2);
  const twoTheta = range(options.pointsPerPattern ?? 600, 11, 34 / (options.pointsPerPattern ?? 600));
  const [a, b] = options.noAei ? [26, 26] : [19.4, 39.8];
  const patterns = Array.from(positions, (position, index) => {
    const anode = 1 - step(position, a, 0.7);
    const aei = step(position, a, 0.7) - step(position, b, 0.7);
    const background = twoTheta.map((t) => 60 + 40 * Math.exp(-(t - 11) / 12));
    const calculated = twoTheta.map((t, i) => {
      let y = background[i]!;
      LINES.Li3YCl6.at.forEach((at, k) => {
        const boost = LINES.Li3YCl6.hkl[k] === '302' ? 1 + 0.25 * aei : 1;
        y += (1 - anode) * 9 * LINES.Li3YCl6.height[k]! * boost * gaussian(t, at, 0.18);
      });
      LINES.In.at.forEach((at, k) => {
        y += anode * 10 * LINES.In.height[k]! * gaussian(t, at, 0.2);
      });
      LINES.LiIn.at.forEach((at, k) => {
        y += anode * 6 * LINES.LiIn.height[k]! * gaussian(t, at, 0.2);
      });
      return y;
    });
    const excluded = index === 11;
    const observed = excluded
      ? twoTheta.map(() => 0)
      : calculated.map((y) =>
          Math.max(0, Math.round(y + Math.sqrt(y) * 1.7 * (random() + random() - 1) * 1.4)),
        );
    return {
      index,
      twoTheta_deg: twoTheta,
      observed,
      sigma: observed.map((y) => Math.sqrt(Math.max(1, y))),
      calculated: excluded ? NONE : calculated,
      background: excluded ? NONE : background,
    };
  });
  const xAt = (position: number): number => 0.2 * (step(position, a, 0.9) - step(position, b, 0.9));
  const fine = range(200, 0, ((n - 1) * 2) / 199);
  const noisy = (of: (position: number) => number, sigma: number): Float64Array =>
    positions.map((p, i) => (i === 11 ? Number.NaN : of(p) + sigma * 1.6 * (random() + random() - 1)));
  const profile = (
    name: string,
    unit: string,
    of: (position: number) => number,
    sigma: number,
  ): LineScanCurves['profiles'][number] => ({
    name,
    unit,
    position_um: positions,
    value: noisy(of, sigma),
    sigma: positions.map(() => sigma),
    model: { position_um: fine, value: fine.map(of) },
  });
  const present = !options.noAei;
  const xs = noisy((p) => xAt(p), 0.018);
  const result: LineScanResult = {
    name: 'cross-section',
    positions_um: [...positions],
    patterns: patterns.map(({ index }) => ({
      index,
      position_um: positions[index]!,
      status: index === 11 ? 'excluded' : index === 21 ? 'repaired' : 'ok',
      reason:
        index === 11 ? 'no counts: the frame is dead' : index === 21 ? '14 saturated points masked' : null,
      rwp_percent: index === 11 ? null : 7 + random(),
      gof: index === 11 ? null : 1.1 + 0.2 * random(),
      x: index === 11 || positions[index]! < a ? null : { value: xs[index]!, sigma: 0.018 },
      phases: {
        Li3YCl6: { scale: 1, sigma: 0.01, weight_fraction: step(positions[index]!, a, 0.7) },
        In: { scale: 1, sigma: 0.01, weight_fraction: 0.7 * (1 - step(positions[index]!, a, 0.7)) },
        LiIn: { scale: 1, sigma: 0.01, weight_fraction: 0.3 * (1 - step(positions[index]!, a, 0.7)) },
      },
    })),
    aei: {
      present,
      delta_bic: present ? 148.2 : -9.1,
      x: present ? { value: 0.197, sigma: 0.008, interval95: [0.181, 0.213] } : null,
      thickness_um: present ? { value: 20.4, sigma: 0.5, interval95: [19.5, 21.4] } : null,
    },
    boundaries: present
      ? [
          { name: 'anode|aei', position_um: 19.4, sigma_um: 0.3, interval95_um: [18.8, 20.1], width_um: 0.9 },
          {
            name: 'aei|electrolyte',
            position_um: 39.8,
            sigma_um: 0.4,
            interval95_um: [39.0, 40.5],
            width_um: 1.1,
          },
        ]
      : [
          {
            name: 'anode|electrolyte',
            position_um: 26,
            sigma_um: 0.2,
            interval95_um: [25.6, 26.4],
            width_um: 0.9,
          },
        ],
    estimators: {
      'line-scan': present ? { value: 0.197, sigma: 0.008 } : null,
      pattern: present ? { value: 0.203, sigma: 0.012 } : null,
      'double-ratio': present ? { value: 0.186, sigma: 0.021 } : null,
    },
    hypotheses: [
      { name: 'in-on-6h', delta_bic: 0, weight: 0.71, amount: { value: 0.197, sigma: 0.008 } },
      { name: 'in-on-6g', delta_bic: 1.8, weight: 0.29, amount: { value: 0.202, sigma: 0.009 } },
      { name: 'y-migration', delta_bic: 31, weight: 0, amount: { value: 0.081, sigma: 0.01 } },
      { name: 'in-on-y', delta_bic: 72, weight: 0, amount: { value: 0.1, sigma: 0.03 } },
      { name: 'none', delta_bic: 148.2, weight: 0, amount: null },
    ],
    statements: [
      'In on 6h and In on 6g cannot be told apart with these lines; both give the same x within errors.',
    ],
  };
  const amounts = range(9, 0, 0.05);
  const line = (name: string, dx: number, dy: number) => ({
    name,
    x: [...amounts.map((t) => 1 + (dx - 1) * (t / 0.2))],
    y: [...amounts.map((t) => 1 + (dy - 1) * (t / 0.2))],
    amount: [...amounts],
  });
  return {
    result,
    curves: {
      name: 'cross-section',
      wavelength_A: 1.2398,
      positions_um: positions,
      patterns,
      ticks: Object.entries(LINES).map(([phase, { at, height, hkl }]) => ({
        phase,
        twoTheta_deg: Float64Array.from(at),
        hkl,
        relativeIntensity: Float64Array.from(height, (h) => h / 100),
      })),
      profiles: [
        profile('x', '', xAt, 0.018),
        profile('302/301', '', (p) => 1 + 1.1 * xAt(p), 0.04),
        profile('112/302', '', (p) => 1 - 1.85 * xAt(p), 0.06),
        profile('fraction of Li3YCl6', '', (p) => step(p, a, 0.9), 0.02),
        profile('fraction of In', '', (p) => 0.7 * (1 - step(p, a, 0.9)), 0.02),
        profile('fraction of LiIn', '', (p) => 0.3 * (1 - step(p, a, 0.9)), 0.02),
      ],
      ratioPlane: {
        measured: { x: { value: 1.205, sigma: 0.025 }, y: { value: 0.652, sigma: 0.03 } },
        hypotheses: [
          line('in-on-6h', 1.221, 0.631),
          line('in-on-6g', 1.18, 0.632),
          line('in-on-y', 1.056, 1.08),
          line('y-migration', 1.006, 0.719),
        ],
        xName: '302/301',
        yName: '112/302',
      },
    },
  };
}

export function spectrumParts(
  label: string,
  edge: string,
  e0: number,
  role: SpectrumResult['role'],
  amountB: number,
): { result: SpectrumResult; curves: SpectrumCurves } {
  const random = seeded(label.length * 131 + Math.round(e0 * 10));
  const energy = range(321, e0 - 30, 0.5).map((e, i) => (i < 40 || i > 160 ? e : e));
  const peakA = (e: number): number => 0.06 * gaussian(e, e0 - 1.8, 1.6);
  const peakB = (e: number): number => amountB * 0.55 * gaussian(e, e0 - 0.6, 1.1);
  const clean = energy.map(
    (e) =>
      step(e, e0 + 1.2, 0.45) * (1 + 0.1 * Math.exp(-(e - e0) / 40) * Math.cos((e - e0) / 5)) +
      peakA(e) +
      peakB(e) +
      0.5 * gaussian(e, e0 + 2.4, 2.2),
  );
  const norm = clean.map((y) => y + 0.006 * (random() + random() - 1));
  const preEdge = energy.map((e) => 0.31 - 0.0004 * (e - e0));
  const window = energy.filter((e) => e > e0 - 8 && e < e0 + 1);
  const baseline = window.map((e) => step(e, e0 + 1.2, 0.45) + 0.5 * gaussian(e, e0 + 2.4, 2.2));
  const components = [
    { name: 'a', values: window.map(peakA) },
    { name: 'b', values: window.map(peakB) },
  ];
  const fit = window.map((_, i) => baseline[i]! + components[0]!.values[i]! + components[1]!.values[i]!);
  const shift = { value: 0.42, sigma: 0.03 };
  return {
    result: {
      label,
      edge,
      role,
      e0_eV: { value: e0 + 1.2, sigma: 0.03 },
      calibration_shift_eV: shift,
      edge_shift_eV: { value: 1.02, sigma: 0.05, relative_to: 'foil' },
      edge_step: 1.02,
      inflections: [{ energy_eV: { value: e0 + 1.2, sigma: 0.03 }, prominence: 1 }],
      white_line_eV: { value: e0 + 2.6, sigma: 0.05 },
      peaks: edge.startsWith('Cl')
        ? [
            {
              name: 'b',
              center_eV: { value: e0 - 0.6, sigma: 0.03 },
              height: { value: 0.55 * amountB, sigma: 0.01 },
              fwhm_eV: { value: 1.1, sigma: 0.04 },
              area: { value: 0.644 * amountB, sigma: 0.02 },
            },
          ]
        : [],
      lcf:
        role === 'sample'
          ? {
              weights: {
                LYC: { value: 1 - amountB, sigma: 0.02 },
                InCl3: { value: amountB, sigma: 0.02 },
              },
              r_factor: 1.2e-4,
              reduced_chi2: 1.1,
            }
          : null,
    },
    curves: {
      label,
      edge,
      energy_eV: energy,
      mu: norm.map((y, i) => preEdge[i]! + 1.02 * y),
      norm,
      flat: norm,
      sigma: norm.map(() => 0.003),
      preEdge,
      postEdge: preEdge.map((y) => y + 1.02),
      derivative: norm.map((_, i) => ((clean[i + 1] ?? clean[i]!) - (clean[i - 1] ?? clean[i]!)) / 1),
      peaks: edge.startsWith('Cl')
        ? {
            energy_eV: window,
            data: fit.map((y) => y + 0.006 * (random() + random() - 1)),
            baseline,
            fit,
            components,
          }
        : null,
      lcf:
        role === 'sample'
          ? {
              energy_eV: energy,
              data: norm,
              fit: clean,
              components: [
                { name: 'LYC', values: clean.map((y) => (1 - amountB) * y) },
                { name: 'InCl3', values: clean.map((y) => amountB * y) },
              ],
            }
          : null,
    },
  };
}

export function xrfParts(nx = 100, ny = 60): { result: MapResult; arrays: MapArrays } {
  const random = seeded(23);
  const left = (y: number): number => 0.3 * nx + 3 * Math.sin(y / 7);
  const right = (y: number): number => 0.42 * nx + 3 * Math.sin(y / 7 + 0.4) + 1.2 * Math.sin(y / 2.2);
  const layer = (name: string, inside: [number, number, number]) => {
    const values = new Float64Array(nx * ny);
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const region = x < left(y) ? 0 : x < right(y) ? 1 : 2;
        values[y * nx + x] = Math.round(inside[region]! * (0.75 + 0.5 * random()));
      }
    }
    values[5 * nx + 70] = Number.NaN;
    return { name, unit: 'counts', values, sigma: values.map((v) => Math.sqrt(Math.max(1, v))) };
  };
  const labels = new Uint8Array(nx * ny);
  for (let i = 0; i < labels.length; i++) {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    labels[i] = x < left(y) ? 0 : x < right(y) ? 1 : 2;
  }
  const rows = range(ny, 0, 1);
  const thickness = rows.map((y) => 5 * (right(y) - left(y)));
  return {
    result: {
      name: 'xrf',
      regions: [
        { name: 'anode', area_um2: 45000 },
        { name: 'aei', area_um2: 18000 },
        { name: 'electrolyte', area_um2: 87000 },
      ],
      boundaries: [
        { name: 'anode|aei', axis: 'x', mean_um: 1.5 * nx, sigma_um: 0.8, roughness_rms_um: 10.6 },
        { name: 'aei|electrolyte', axis: 'x', mean_um: 2.1 * nx, sigma_um: 0.9, roughness_rms_um: 11.2 },
      ],
      aei_present: true,
      aei_thickness_um: { mean: 59.2, sigma: 1.1, interval95: [57, 61.4], median: 59.4, p5: 51, p95: 68.1 },
      elements: [{ element: 'Y', line: 'La1', energy_eV: 1922.6, counts: { value: 420100, sigma: 650 } }],
      points: [
        { label: 'P3', x_um: 300, y_um: 150, region: 'electrolyte', probability: 0.99, to_boundary_um: 92 },
        { label: 'P5', x_um: 190, y_um: 150, region: 'aei', probability: 0.97, to_boundary_um: 14 },
      ],
      scans: [
        {
          name: 'cross-section',
          origin_x_um: 120,
          origin_y_um: 210,
          angle_deg: 0,
          mismatch_um: 1.4,
          shared: ['anode|aei', 'aei|electrolyte'],
        },
      ],
      statements: ['The interphase runs through the whole map.'],
    },
    arrays: {
      name: 'xrf',
      grid: { ny, nx, pixel_um: { x: 5, y: 5 } },
      layers: [layer('Y', [4, 60, 110]), layer('In', [180, 70, 3]), layer('Cl', [12, 240, 260])],
      regions: {
        classes: ['anode', 'aei', 'electrolyte'],
        labels,
        probability: Float64Array.from(labels, () => 0.97),
      },
      boundaries: [
        { name: 'anode|aei', x_um: rows.map((y) => 5 * left(y)), y_um: rows.map((y) => 5 * y) },
        { name: 'aei|electrolyte', x_um: rows.map((y) => 5 * right(y)), y_um: rows.map((y) => 5 * y) },
      ],
      thickness_um: thickness,
      profiles: ['In', 'Y'].map((element) => ({
        scan: 'cross-section',
        element,
        position_um: range(20, 0, 3),
        value: range(20, 0, 3).map(
          (p) => (element === 'In' ? 180 : 110) * step(p, 30, element === 'In' ? -2 : 2),
        ),
        sigma: range(20, 4, 0.1),
      })),
      sumSpectrum: {
        energy_eV: range(600, 0, 10),
        counts: range(600, 0, 10).map(
          (e) =>
            40 +
            30000 * gaussian(e, 1922, 110) +
            90000 * gaussian(e, 2622, 120) +
            12000 * gaussian(e, 2816, 120) +
            4000 * gaussian(e, 2957, 120),
        ),
        fitted: range(600, 0, 10).map(
          (e) => 40 + 30000 * gaussian(e, 1922, 110) + 90000 * gaussian(e, 2622, 120),
        ),
        lines: [
          { label: 'Y Lα', energy_eV: 1922.6 },
          { label: 'Cl Kα', energy_eV: 2622.4 },
          { label: 'Cl Kβ', energy_eV: 2815.6 },
          { label: 'Ar Kα', energy_eV: 2957.7 },
        ],
      },
    },
  };
}

export function valenceParts(nx = 100, ny = 50): { result: MapResult; arrays: MapArrays } {
  const random = seeded(5);
  const noise = (): number => 0.012 * (random() + random() + random() - 1.5);
  const metal = Float64Array.from({ length: nx * ny }, (_, i) => {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    return 0.001 + noise() + (Math.hypot(x - 20, y - 31) < 5 ? 0.052 : 0);
  });
  const layer = (name: string, values: Float64Array) => ({
    name,
    unit: 'fraction',
    values,
    sigma: values.map(() => 0.006),
  });
  return {
    result: {
      name: 'y-valence',
      components: [
        {
          name: 'Y metal',
          mean: 0.001,
          sigma: 0.0004,
          limit95: 0.012,
          patches: [{ x_um: 40, y_um: 62, area_um2: 220, mean: { value: 0.052, sigma: 0.004 } }],
        },
        { name: 'LYC', mean: 0.999, sigma: 0.0004, limit95: 1, patches: [] },
      ],
      statements: ['No Y(0) above 1.2 % in any patch of 10 um at 95 %, except the one listed.'],
    },
    arrays: {
      name: 'y-valence',
      grid: { ny, nx, pixel_um: { x: 2, y: 2 } },
      layers: [
        layer('Y metal', metal),
        layer(
          'LYC',
          metal.map((v) => 1 - v),
        ),
      ],
      regions: null,
      boundaries: [],
      thickness_um: null,
      sumSpectrum: null,
    },
  };
}

/** Everything at once, as a complete run leaves it behind. */
export function fullBundle(options: ScanOptions = {}): ResultBundle {
  const scan = lineScanParts(options);
  const spectra = [
    spectrumParts('KCl', 'Cl K', 2824.8, 'calibrant', 0),
    spectrumParts('LYC', 'Cl K', 2825.1, 'reference', 0),
    spectrumParts('InCl3', 'Cl K', 2825.0, 'reference', 1),
    ...[0, 0.02, 0.05, 0.1, 0.35, 0.9].map((b, i) => spectrumParts(`P${i + 1}`, 'Cl K', 2825.1, 'sample', b)),
    spectrumParts('Y foil', 'Y K', 17038, 'calibrant', 0),
    spectrumParts('Y2O3', 'Y K', 17050, 'sample', 0),
  ];
  const maps = [xrfParts(), valenceParts()];
  return {
    result: {
      schema: 'interphase-result/1',
      sample: 'LYC | Li-In after 1000 cycles',
      status: 'partial',
      problems: [
        {
          stage: 'screen',
          input: 'uxrd/scan_012.xye',
          severity: 'warning',
          message: 'no counts: the frame is dead; it is left out',
        },
        {
          stage: 'read-spectra',
          input: 'xas/P7.xdi',
          severity: 'error',
          message: 'the file ends in the middle of line 212',
        },
      ],
      lineScans: [scan.result],
      spectra: spectra.map(({ result }) => result),
      maps: maps.map(({ result }) => result),
      figures: [],
    },
    lineScans: [scan.curves],
    spectra: spectra.map(({ curves }) => curves),
    maps: maps.map(({ arrays }) => arrays),
  };
}

export function emptyBundle(): ResultBundle {
  return {
    result: {
      schema: 'interphase-result/1',
      sample: '',
      status: 'ok',
      problems: [],
      lineScans: [],
      spectra: [],
      maps: [],
      figures: [],
    },
    lineScans: [],
    spectra: [],
    maps: [],
  };
}

const HOSTILE =
  '<script>alert("x")</script><img src=x onerror=alert(1)> &amp; \u0000\u0007 "quoted" \'q\' ]]>';

/** Replaces every label, name and message by something that would do harm if it were taken for markup. */
export function hostileBundle(): ResultBundle {
  const bundle = smallBundle();
  const bad = (text: string): string => `${text} ${HOSTILE}`;
  const { result } = bundle;
  result.sample = HOSTILE;
  for (const problem of result.problems) {
    problem.stage = bad(problem.stage);
    problem.input = bad(problem.input);
    problem.message = bad(problem.message);
  }
  for (const list of [result.lineScans, result.maps, bundle.lineScans, bundle.maps]) {
    for (const item of list) item.name = bad(item.name);
  }
  for (const list of [result.spectra, bundle.spectra]) for (const item of list) item.label = bad(item.label);
  for (const scan of result.lineScans) {
    scan.statements = [HOSTILE];
    for (const boundary of scan.boundaries) boundary.name = bad(boundary.name);
    for (const pattern of scan.patterns) {
      pattern.reason = HOSTILE;
      pattern.phases = { [HOSTILE]: { scale: 1, sigma: 0.1, weight_fraction: 1 } };
    }
  }
  for (const spectrum of result.spectra) {
    for (const peak of spectrum.peaks) peak.name = HOSTILE;
    if (spectrum.lcf) spectrum.lcf.weights = { [HOSTILE]: { value: 0.5, sigma: 0.1 } };
    if (spectrum.edge_shift_eV) spectrum.edge_shift_eV.relative_to = HOSTILE;
  }
  for (const spectrum of bundle.spectra) {
    for (const component of [...(spectrum.peaks?.components ?? []), ...(spectrum.lcf?.components ?? [])]) {
      component.name = HOSTILE;
    }
  }
  for (const scan of bundle.lineScans) {
    for (const tick of scan.ticks) tick.phase = bad(tick.phase);
    for (const profile of scan.profiles) profile.name = bad(profile.name);
    for (const hypothesis of scan.ratioPlane?.hypotheses ?? []) hypothesis.name = bad(hypothesis.name);
  }
  for (const map of bundle.maps) {
    for (const layer of map.layers) layer.unit = HOSTILE;
    for (const profile of map.profiles ?? []) profile.scan = profile.element = HOSTILE;
    for (const boundary of map.boundaries) boundary.name = HOSTILE;
    if (map.regions) map.regions.classes = map.regions.classes.map(bad);
    for (const line of map.sumSpectrum?.lines ?? []) line.label = HOSTILE;
  }
  return bundle;
}

/** Letters of many scripts, combining marks and signs outside the basic plane. */
export function foreignBundle(): ResultBundle {
  const bundle = smallBundle();
  bundle.result.sample = 'Zelle №7 – электролит 電解質 🔋 ä';
  bundle.result.lineScans[0]!.name = bundle.lineScans[0]!.name = 'Querschnitt/µ 断面';
  bundle.result.spectra[0]!.label = bundle.spectra[0]!.label = 'éprouvette №1 Ångström';
  bundle.result.maps[0]!.name = bundle.maps[0]!.name = 'карта';
  return bundle;
}

/** Every number that may be missing is missing. */
export function nullBundle(): ResultBundle {
  const bundle = smallBundle();
  const { result } = bundle;
  for (const scan of result.lineScans) {
    scan.aei = { present: null, delta_bic: null, x: null, thickness_um: null };
    scan.boundaries = [];
    scan.estimators = { 'line-scan': null, pattern: null, 'double-ratio': null };
    scan.hypotheses = scan.hypotheses.map(({ name }) => ({
      name,
      delta_bic: null,
      weight: null,
      amount: null,
    }));
    scan.statements = [];
    for (const pattern of scan.patterns) {
      Object.assign(pattern, { rwp_percent: null, gof: null, x: null, phases: {}, status: 'failed' });
    }
  }
  for (const spectrum of result.spectra) {
    Object.assign(spectrum, {
      e0_eV: null,
      calibration_shift_eV: null,
      edge_shift_eV: null,
      edge_step: null,
      inflections: [],
      white_line_eV: null,
      peaks: [],
      lcf: null,
    });
  }
  for (const map of result.maps) {
    map.aei_thickness_um = null;
    map.aei_present = null;
    map.regions = [];
    map.boundaries = [];
    map.components = [];
  }
  for (const scan of bundle.lineScans) {
    scan.profiles = [];
    scan.ticks = [];
    scan.ratioPlane = { measured: null, hypotheses: [], xName: '302/301', yName: '112/302' };
    for (const pattern of scan.patterns) pattern.calculated = pattern.background = NONE;
  }
  for (const spectrum of bundle.spectra) spectrum.peaks = spectrum.lcf = null;
  for (const map of bundle.maps) {
    Object.assign(map, { regions: null, boundaries: [], thickness_um: null, sumSpectrum: null });
  }
  return bundle;
}

/** Every array holds nothing but NaN; the numbers are NaN where JSON would make them null. */
export function nanBundle(): ResultBundle {
  const bundle = smallBundle();
  const keepShape = new Set(['positions_um', 'labels']);
  const blank = (value: unknown, key = ''): void => {
    if (value instanceof Float64Array) {
      if (!keepShape.has(key)) value.fill(Number.NaN);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) blank(inner, name);
    }
  };
  for (const part of [bundle.lineScans, bundle.spectra, bundle.maps]) blank(part);
  const numbers = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === 'number' && name !== 'index')
        (value as Record<string, unknown>)[name] = Number.NaN;
      else numbers(inner);
    }
  };
  numbers(bundle.result);
  return bundle;
}

/** Arrays of no length at all. */
export function hollowBundle(): ResultBundle {
  const bundle = smallBundle();
  const hollow = (value: unknown): unknown => {
    if (value instanceof Float64Array) return NONE;
    if (value instanceof Uint8Array) return new Uint8Array(0);
    if (Array.isArray(value)) return value.map(hollow);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hollow(inner)]));
  };
  return { ...(hollow({ ...bundle, result: null }) as ResultBundle), result: bundle.result };
}

/** Only some kinds of measurement. */
export function partial(keep: 'lineScans' | 'spectra' | 'maps', options: ScanOptions = {}): ResultBundle {
  const bundle = fullBundle({ patterns: 6, pointsPerPattern: 100, ...options });
  for (const kind of ['lineScans', 'spectra', 'maps'] as const) {
    if (kind === keep) continue;
    bundle[kind] = [];
    bundle.result[kind] = [];
  }
  return bundle;
}

/** All the ways in which a result can look, by name. */
export const variants: Record<string, () => ResultBundle> = {
  full: smallBundle,
  'no interphase': () => partial('lineScans', { patterns: 12, noAei: true }),
  'one pattern': () => partial('lineScans', { patterns: 1 }),
  'only line scans': () => partial('lineScans'),
  'only spectra': () => partial('spectra'),
  'only maps': () => partial('maps'),
  empty: emptyBundle,
  'nothing determined': nullBundle,
  'nothing but NaN': nanBundle,
  'arrays without length': hollowBundle,
  'hostile labels': hostileBundle,
  'foreign scripts': foreignBundle,
};

/** One of each kind, small: quick to draw and write. */
export function smallBundle(): ResultBundle {
  const bundle = fullBundle({ patterns: 4, pointsPerPattern: 60 });
  const { result } = bundle;
  bundle.spectra = bundle.spectra.slice(2, 4);
  result.spectra = result.spectra.slice(2, 4);
  const xrf = xrfParts(16, 10);
  bundle.maps = [xrf.arrays];
  result.maps = [xrf.result];
  return bundle;
}
