/** Makes the bundled example anew, with the same numbers on every machine. Run by `npm run fixtures`. */
import { fileURLToPath } from 'node:url';
import { simulateKim2024 } from '../src/simulate/kim2024.js';
import { writeExperiment } from '../src/simulate/write-experiment.js';

const folder = fileURLToPath(new URL('../fixtures/kim2024', import.meta.url));
const files = await writeExperiment(simulateKim2024(['gzip=true', 'map.ny=60', 'map.nx=100'], 2024), folder);
console.log(`${folder}: ${files.length} files`);
