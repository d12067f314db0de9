import type { Column } from '../../measurement.js';
import { elementSymbol } from '../../reference/elements.js';

const EDGES = /^(?:K|L|L[123]|M|M[12345]|N|N[1-7]|O|O[1-7])$/u;
const REFERENCE_EDGES = EDGES;
const TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-4]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?$/u;

/** Numbers with units of the dictionary; a value without unit is common and passes. */
const QUANTITIES: Record<string, RegExp> = {
  'facility.energy': /^(?:eV|keV|MeV|GeV)$/iu,
  'facility.current': /^(?:m?A)$/iu,
  'sample.temperature': /^(?:K|C|F|degrees? ?[CKF])$/iu,
};

/**
 * Checks the fields that the XDI dictionary 1.0 defines, and says what is missing or odd. Nothing here stops a file from
 * being read.
 */
export function validateXdi(fields: Map<string, string>, columns: Column[], warnings: string[]): void {
  checkElement(fields, warnings);
  const spacing = fields.get('mono.d_spacing');
  const first = columns[0];
  if (spacing === undefined && first?.role === 'angle')
    warnings.push('gives angles but no Mono.d_spacing to make energies of them');
  if (spacing !== undefined && !(Number.parseFloat(spacing) > 0))
    warnings.push(`Mono.d_spacing '${spacing}' is not a positive number`);
  for (const name of ['scan.start_time', 'scan.end_time']) {
    const value = fields.get(name);
    if (value !== undefined && !TIME.test(value))
      warnings.push(`${label(name)} '${value}' is not a time such as 2001-06-26T22:27:31`);
  }
  for (const [name, unit] of Object.entries(QUANTITIES)) checkQuantity(fields, name, unit, warnings);
  const edge = fields.get('scan.edge_energy');
  if (edge !== undefined && !Number.isFinite(Number.parseFloat(edge)))
    warnings.push(`Scan.edge_energy '${edge}' is not a number`);
}

function checkElement(fields: Map<string, string>, warnings: string[]): void {
  const symbol = fields.get('element.symbol');
  const edge = fields.get('element.edge');
  if (symbol === undefined) warnings.push('does not say the element (Element.symbol)');
  else if (elementSymbol(symbol) === null) warnings.push(`Element.symbol '${symbol}' is not an element`);
  if (edge === undefined) warnings.push('does not say the edge (Element.edge)');
  else if (!EDGES.test(edge)) warnings.push(`Element.edge '${edge}' is not an edge`);
  const reference = fields.get('element.reference');
  if (reference !== undefined && reference.length <= 2 && elementSymbol(reference) === null)
    warnings.push(`Element.reference '${reference}' is not an element`);
  const referenceEdge = fields.get('element.ref_edge');
  if (referenceEdge !== undefined && !REFERENCE_EDGES.test(referenceEdge))
    warnings.push(`Element.ref_edge '${referenceEdge}' is not an edge`);
}

function checkQuantity(fields: Map<string, string>, name: string, unit: RegExp, warnings: string[]): void {
  const value = fields.get(name);
  if (value === undefined) return;
  const match = /^([+-]?[\d.]+(?:e[+-]?\d+)?)(?:\s+(.*))?$/iu.exec(value);
  if (!match) {
    if (/^[+-]?[\d.]/u.test(value)) warnings.push(`${label(name)} '${value}' is not a number with a unit`);
  } else if (match[2] !== undefined && !unit.test(match[2].trim())) {
    warnings.push(`${label(name)} '${value}' has an unknown unit`);
  }
}

const label = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
