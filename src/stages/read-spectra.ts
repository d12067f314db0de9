import { basename } from 'node:path';
import * as v from 'valibot';
import { readSpectrum } from '../formats/spectra/spectrum.js';
import { defineStage } from '../pipeline/stage.js';
import { need } from './products.js';

export const readSpectraStage = defineStage({
  name: 'read-spectra',
  version: 1,
  summary:
    'Reads each spectrum and forms mu, its uncertainty and its simultaneous reference from the columns.',
  needs: { entry: need('spectrum-files', 'each') },
  gives: 'spectra',
  params: v.strictObject({}),
  run: async ({ entry }, _params, context) => ({
    entry,
    spectrum: await readSpectrum(entry, (message) =>
      context.warn(message, `${entry.label} (${basename(entry.file)})`),
    ),
  }),
});
