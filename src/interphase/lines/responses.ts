/** Lines of the electrolyte that speak about the layer, and how each hypothesis changes them. */
import { InputError } from '../../errors.js';
import type { Integration } from '../../measurement.js';
import { LI3YCL6_VARIANTS, type Li3YCl6Variant, li3ycl6 } from '../../xrd/crystal/built-in-phases.js';
import { reciprocalMetric } from '../../xrd/crystal/cell.js';
import { compositionOf } from '../../xrd/crystal/composition.js';
import { defaultB_A2 } from '../../xrd/crystal/debye-waller.js';
import { buildLineTable, findLine } from '../../xrd/crystal/line-table.js';
import type { PhaseStructure } from '../../xrd/crystal/structure.js';
import type { ScatteringOptions } from '../../xrd/crystal/structure-factor.js';
import { lorentzPolarisation } from '../../xrd/pattern/lorentz-polarisation.js';
import {
  HYPOTHESES,
  type Hypothesis,
  type LineResponse,
  lineClass,
  onLithium,
  type ResponseSegment,
  type ScanLine,
} from './scan-observations.js';

/** Dopants with a well-known ion; the charge says how many Li+ leave. */
const CHARGES: Record<string, number> = {
  In: 3,
  Y: 3,
  Sc: 3,
  Er: 3,
  Yb: 3,
  Al: 3,
  Ga: 3,
  Zr: 4,
  Hf: 4,
  Zn: 2,
  Mg: 2,
};

/** Variants that responses are computed for, when the electrolyte is Li3YCl6; Asano's differs in its cell alone, which says nothing. */
const RESPONSE_VARIANTS: readonly Li3YCl6Variant[] = LI3YCL6_VARIANTS.filter((v) => v !== 'asano');

/** A line as the fits of the patterns name it. */
export interface NamedLine {
  hkl: readonly [number, number, number];
  twoTheta_deg: number;
}

export interface ScanResponses {
  lines: ScanLine[];
  responses: LineResponse[];
  /** Expected ln intensity of every line in the pristine electrolyte of the first variant. */
  prior: Float64Array;
}

/**
 * Lines with their classes, and the response of every hypothesis that the structure can take, in every variant.
 * `structure` is what the patterns were fitted with; if it is of the Li3YCl6 family, the variants of its order are
 * added as a systematic.
 */
export function scanResponses(
  structure: PhaseStructure,
  dopantElement: string,
  { wavelength_A, integration }: { wavelength_A: number; integration: Integration },
  named: NamedLine[],
): ScanResponses {
  const family = isLi3YCl6(structure);
  const lines = named.map((line) => describeLine(structure, wavelength_A, line, family));
  const variants = family
    ? RESPONSE_VARIANTS.map((variant) => ({ variant: variant as string, structure: li3ycl6(variant) }))
    : [{ variant: 'given', structure }];
  const dopant = { element: dopantElement, charge: CHARGES[dopantElement] ?? 3 };
  const range = {
    wavelength_A,
    twoThetaMin_deg: Math.max(0.5, Math.min(...named.map((l) => l.twoTheta_deg)) - 2),
    twoThetaMax_deg: Math.max(...named.map((l) => l.twoTheta_deg)) + 2,
  };
  const tables = { range, dopant, named };
  const responses = variants.flatMap(({ variant, structure: shape }) =>
    HYPOTHESES.flatMap((hypothesis) => responsesTo(hypothesis, variant, shape, tables)),
  );
  const first = responses[0]?.segments[0].i0;
  const prior = Float64Array.from(named, ({ twoTheta_deg }, j) =>
    Math.log(Math.max(1e-6, first?.[j] ?? 1) * lorentzPolarisation(twoTheta_deg, { integration })),
  );
  return { lines, responses, prior };
}

interface Tables {
  range: { wavelength_A: number; twoThetaMin_deg: number; twoThetaMax_deg: number };
  dopant: { element: string; charge: number };
  named: NamedLine[];
}

/** A hypothesis within one variant; none if the structure cannot take it. */
function responsesTo(
  hypothesis: Hypothesis,
  variant: string,
  structure: PhaseStructure,
  { range, dopant, named }: Tables,
): LineResponse[] {
  const segmentsOf = (
    scattering: Partial<ScatteringOptions> = {},
    lithiumOut = dopant.charge,
  ): ResponseSegment[] => {
    const substitution = { kind: hypothesis, dopant: { ...dopant, lithiumOut } };
    const table = buildLineTable(structure, { ...range, ...scattering, substitution });
    const at = named.map(({ hkl }) => findLine(table, ...hkl));
    if (at.some((index) => index < 0)) return [];
    const pick = (a: Float64Array): Float64Array => Float64Array.from(at, (index) => a[index]);
    return table.segments
      .filter((s) => s.to > 1e-6)
      .map(({ to, i0, i1, i2 }) => ({ to, i0: pick(i0), i1: pick(i1), i2: pick(i2) }));
  };
  try {
    const segments = segmentsOf();
    if (segments.length === 0) return [];
    const doubts = scatteringDoubts(dopant.element, structure).map(({ part, scattering }) => ({
      part,
      segments: segmentsOf(scattering),
    }));
    const max = Math.min(1, segments[segments.length - 1].to);
    const oneLithium = onLithium(hypothesis) && dopant.charge !== 1 ? segmentsOf({}, 1) : null;
    return [{ hypothesis, variant, segments, max, doubts, oneLithium }];
  } catch (thrown) {
    // A structure without the sites of a hypothesis simply cannot be explained by it.
    if (thrown instanceof InputError) return [];
    throw thrown;
  }
}

/** By so much the B of the dopant (angstrom^2) may differ from that of the ions about it. */
const DOPANT_DEBYE = 0.3;

/**
 * What is not known of the scatterers. Atoms in a crystal are neither neutral nor ions of their formal charge: the whole way from one
 * to the other is two standard deviations. So is dispersion left out, which only computed data reach. Light ions
 * and anions that move no more than the metals are one.
 */
function scatteringDoubts(
  dopant: string,
  structure: PhaseStructure,
): { part: number; scattering: Partial<ScatteringOptions> }[] {
  const B_A2 = defaultB_A2(dopant);
  const elements = [...compositionOf(structure).keys(), dopant];
  return [
    { part: 0.5, scattering: { formFactors: 'neutral' } },
    { part: 0.5, scattering: { dispersion: false } },
    { part: 1, scattering: { B_A2: { [dopant]: B_A2 + DOPANT_DEBYE } } },
    { part: 1, scattering: { B_A2: Object.fromEntries(elements.map((element) => [element, B_A2])) } },
  ];
}

export const isLi3YCl6 = (structure: PhaseStructure): boolean =>
  structure.spaceGroup.number === 164 &&
  Math.abs(structure.cell.a_A - 11.21) < 0.3 &&
  Math.abs(structure.cell.c_A - 6.05) < 0.2;

/** Name of a line that does not depend on which of its equivalents was listed: h >= k where both are positive. */
export const lineId = ([h, k, l]: readonly [number, number, number]): string =>
  h >= 0 && k >= 0 ? `${Math.max(h, k)}${Math.min(h, k)}${Math.abs(l)}` : `${h}${k}${l}`;

function describeLine(
  structure: PhaseStructure,
  wavelength_A: number,
  { hkl, twoTheta_deg }: NamedLine,
  family: boolean,
): ScanLine {
  const [h, k, l] = hkl;
  const [s11, s22, s33, s23, s13, s12] = reciprocalMetric(structure.cell);
  const full = h * h * s11 + k * k * s22 + l * l * s33 + 2 * (k * l * s23 + h * l * s13 + h * k * s12);
  // The direction c* makes the angle arccos((h s13 + k s23 + l s33) / (|h| |c*|)) with the normal of hkl.
  const alongC = h * s13 + k * s23 + l * s33;
  return {
    id: lineId(hkl),
    hkl,
    twoTheta_deg,
    s2: (Math.sin((twoTheta_deg * Math.PI) / 360) / wavelength_A) ** 2,
    class: family ? lineClass(h, k, l) : 'B',
    cos2FromC: (alongC * alongC) / (full * s33),
  };
}
