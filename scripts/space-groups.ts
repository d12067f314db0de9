/**
 * Writes src/reference/data/space-groups.ts: the 530 settings of the 230 space groups, with generators, as
 * @spglib/moyo-wasm (MIT or Apache-2.0) knows them.   npx tsx scripts/space-groups.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hall_symbol_entry, initSync, operations_from_number } from '@spglib/moyo-wasm';
import { closeGroup, formatOperation, type SymmetryOperation } from '../src/xrd/crystal/symmetry.js';

const wasm = createRequire(import.meta.url).resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm');
initSync({ module: readFileSync(wasm) });

const rows: string[] = [];
for (let hall = 1; hall <= 530; hall++) {
  const entry = hall_symbol_entry(hall);
  // moyo gives rotations column by column
  const operations = operations_from_number(entry.number, { type: 'HallNumber', value: hall }, false).map(
    ({ rotation: r, translation }) => ({
      rotation: [r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]],
      translation,
    }),
  );
  const generators = pickGenerators(operations);
  rows.push(
    JSON.stringify([
      entry.number,
      entry.setting,
      entry.hm_short.replaceAll('_', ''),
      entry.hm_full.replaceAll('_', ''),
      entry.hall_symbol,
      generators.map(formatOperation).join(';'),
    ]),
  );
}
writeFileSync(
  new URL('../src/reference/data/space-groups.ts', import.meta.url),
  '/** Number, setting, short and full Hermann-Mauguin symbol, Hall symbol, generators; in order of Hall number. ' +
    'Written by scripts/space-groups.ts from @spglib/moyo-wasm 0.15.0; do not edit. */\n' +
    `export default \`[\n${rows.join(',\n')}\n]\`;\n`,
);

/** The fewest operations, taken greedily, whose products are the whole group. */
function pickGenerators(all: SymmetryOperation[]): SymmetryOperation[] {
  const chosen: SymmetryOperation[] = [];
  let size = 1;
  for (const operation of all) {
    const grown = closeGroup([...chosen, operation]).length;
    if (grown > size) {
      chosen.push(operation);
      size = grown;
    }
    if (size === all.length) break;
  }
  return chosen;
}
