import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

/** The folder of real measured files, kept beside the project, not in it. */
export const sharedData = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

const present = existsSync(sharedData);
if (!present && process.env.CI === 'true') throw new Error(`real test data are missing: ${sharedData}`);

/** `describe` for tests on real files: skipped with a plain message where ../shared/data is absent. */
export const describeReal = (title: string, body: () => void): void => {
  if (present) describe(title, body);
  else describe.skip(`${title} (skipped: ${sharedData} is absent)`, body);
};
