import { InputError } from '../errors.js';
import type { Pattern } from '../measurement.js';

const KINDS = ['dead', 'saturated', 'spike', 'nan', 'drop'] as const;

/**
 * Spoils frames as detectors do: `dead:7,spike:12` (frame numbers from 0). Returns new patterns.
 * @throws InputError for an unknown kind or a frame that does not exist
 */
export function applyFaults(patterns: Pattern[], text: string): Pattern[] {
  const out = [...patterns];
  for (const part of text.split(/[,;]/).filter((piece) => piece.trim() !== '')) {
    const [kind, index] = part.split(':').map((piece) => piece.trim());
    const frame = Number(index);
    const known = KINDS.find((candidate) => candidate === kind);
    if (!known || !Number.isInteger(frame) || !out[frame])
      throw new InputError(
        `--set faults: '${part}' cannot be used`,
        null,
        `write kind:frame with ${KINDS.join(', ')} and a frame from 0 to ${patterns.length - 1}`,
      );
    out[frame] = spoil(out[frame], known);
  }
  return out;
}

function spoil(pattern: Pattern, kind: (typeof KINDS)[number]): Pattern {
  const intensity = pattern.intensity.slice();
  const n = intensity.length;
  switch (kind) {
    case 'dead':
      intensity.fill(0);
      break;
    case 'saturated': {
      const limit = 0.4 * intensity.reduce((a, b) => Math.max(a, b), 0);
      for (let i = 0; i < n; i++) intensity[i] = Math.min(intensity[i]!, limit);
      break;
    }
    case 'spike':
      for (const share of [0.21, 0.48, 0.77]) intensity[Math.floor(share * n)] = 50_000;
      break;
    case 'nan':
      for (let i = Math.floor(0.55 * n); i < 0.55 * n + 6; i++) intensity[i] = Number.NaN;
      break;
    case 'drop':
      for (let i = 0; i < n; i++) intensity[i] = Math.round(0.15 * intensity[i]!);
  }
  const sigma = intensity.map((value) => (Number.isNaN(value) ? Number.NaN : Math.sqrt(Math.max(value, 1))));
  return { ...pattern, intensity, sigma };
}
