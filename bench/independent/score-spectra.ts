/**
 * How often the intervals reported for spectra of another making (simulate_spectra.py) hold the truth, by making:
 * npx tsx bench/independent/score-spectra.ts SPECTRA.jsonl
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type SpectrumCase, scoreSpectrum } from '../xas/score-spectrum.js';
import { Tallies } from '../xas/tallies.js';

const makings = new Map<string, Tallies>();
let line = 0;
for await (const text of createInterface({ input: createReadStream(process.argv[2]!) })) {
  const simulated = JSON.parse(text) as SpectrumCase & { making: string };
  const name = `${simulated.making}, ${simulated.element} ${simulated.edge}`;
  const tallies = makings.get(name) ?? new Tallies();
  makings.set(name, tallies);
  line++;
  try {
    scoreSpectrum(simulated, tallies);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    tallies.tell(`refused: ${thrown.message.replace(/[\d.-]+/gu, 'N')}`);
  }
}
console.log(`${line} spectra`);
for (const [name, tallies] of [...makings].sort()) {
  console.log(`\n== ${name}`);
  tallies.print();
}
