import { fileURLToPath } from 'node:url';
import type { Manifest } from './manifest.js';
import type { TaskStatus } from './task.js';

/** Tasks of a manifest, by their indices, to be run. */
export interface BatchWork {
  manifestPath: string;
  manifest: Manifest;
  indices: number[];
  jobs: number;
  /** Told when a task has ended. */
  onEnd: (index: number, status: TaskStatus) => void;
  signal?: AbortSignal;
}

/** Runs the work and returns when all of it has ended, or soon after the signal. */
export type Engine = (work: BatchWork) => Promise<void>;

/** What the process of a task runs. */
export const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));
