import { InputError } from '../../errors.js';
import type { SpectrumScan } from '../../measurement.js';
import { elementSymbols } from '../../reference/elements.js';
import type { InputFile } from '../common/input.js';
import { parseTextTable } from '../common/text-table.js';

const EDGE_LINE = /^[#\s]*([\d.+-].*?)=\s*E_edge\b/mu;

export const isFdmnes = (text: string): boolean => EDGE_LINE.test(text.slice(0, 4000));

/**
 * A calculated spectrum of FDMNES, bare (`_out`) or convoluted (`_conv`): energies relative to the edge, whose energy,
 * with the atomic number in the bare one, stands in the line '… = E_edge, …'.
 * @throws InputError where the edge energy or the table is missing.
 */
export function readFdmnes(file: InputFile, text: string): SpectrumScan {
  const { columns, names, warnings } = parseTextTable(text, file.path, { minColumns: 2 });
  const words = EDGE_LINE.exec(text)![1]!.trim().split(/\s+/u).map(Number);
  const [edge_eV = Number.NaN, number = Number.NaN, shell] = words;
  if (!(edge_eV > 0)) throw new InputError('states no edge energy in its line E_edge', { path: file.path });
  const isBare = Number.isInteger(number) && number > 0;
  const energy = columns[0]!.map((value) => value + edge_eV);
  return {
    title: file.stem,
    format: 'FDMNES',
    element: isBare ? (elementSymbols()[number - 1] ?? null) : null,
    edge: isBare && shell === 1 ? 'K' : null,
    columns: [
      { name: 'energy', unit: 'eV', role: 'energy', values: energy },
      ...columns.slice(1).map((values, i) => ({
        name: names?.[i + 1] ?? `col${i + 2}`,
        unit: null,
        role: i === 0 ? ('mutrans' as const) : ('other' as const),
        values,
      })),
    ],
    metadata: { E_edge: String(edge_eV) },
    muHint: null,
    warnings: [...warnings, `calculated energies are moved by E_edge = ${edge_eV} eV`],
    stored: {},
  };
}
