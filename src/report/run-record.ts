import type { StepReport } from '../pipeline/run-pipeline.js';

/** What a run knows about its own origin; written into the RO-Crate and the report. */
export interface RunRecord {
  /** Path of the experiment file. */
  experiment: string;
  inputs: { path: string; sha256: string }[];
  pipeline: string;
  stages: StepReport[];
  started: Date;
  finished: Date;
}
