import { InputError, messageOf, systemFault } from '../errors.js';
import type { Problem } from '../result.js';
import type { Cache, ItemRef, StoredRun } from './cache.js';
import { shareHere } from './share.js';
import type { AnyStage, Keyed, NeedMode, StageContext } from './stage.js';
import { Stored } from './stored.js';

/** One run of one stage for one item, small enough to be sent to a worker: inputs are named, not carried. */
export interface Task {
  stage: string;
  params: unknown;
  key: string;
  /** Hash of all that goes in; the name under which the outcome is stored. */
  run: string;
  inputs: Record<string, { mode: NeedMode; refs: ItemRef[] }>;
}

/** `stopped`: nothing can be stored any more (a full disk, say), so that no task can go on. */
export type TaskOutcome = { stored: StoredRun } | { failed: Problem[] } | { stopped: string };

/** Runs a task and stores what it gives. A failure is an outcome, not an exception: other tasks go on. */
export async function runTask(
  task: Task,
  stage: AnyStage,
  cache: Cache,
  surroundings: Pick<StageContext, 'progress' | 'share'> = { progress: () => {}, share: shareHere },
): Promise<TaskOutcome> {
  const problems: Problem[] = [];
  const say =
    (severity: Problem['severity']) =>
    (message: string, input?: string): void => {
      problems.push({ stage: stage.name, input: input ?? task.key, severity, message });
    };
  const context: StageContext = { key: task.key, warn: say('warning'), error: say('error'), ...surroundings };
  try {
    const given = await stage.run(loadInputs(task, cache), task.params as never, context);
    const items = stage.split ? (given as Keyed<unknown>[]) : [{ key: task.key, value: given }];
    try {
      return { stored: await cache.store(task.run, items, problems) };
    } catch (thrown) {
      const fault = thrown instanceof InputError ? null : systemFault(thrown, cache.folder);
      if (fault) return { stopped: fault.message };
      throw thrown;
    }
  } catch (thrown) {
    const expected = thrown instanceof InputError;
    say('error')(expected ? thrown.message : `stopped unexpectedly: ${messageOf(thrown)}`);
    if (!expected && process.env.INTERPHASE_DEBUG) console.error(thrown);
    return { failed: problems };
  }
}

function loadInputs(task: Task, cache: Cache): Record<string, never> {
  const inputs: Record<string, unknown> = {};
  for (const [name, { mode, refs }] of Object.entries(task.inputs)) {
    if (mode === 'stream')
      inputs[name] = new Stored(refs, (ref) => ({ key: ref.key, value: cache.read(ref) }));
    else if (mode === 'children' || mode === 'all')
      inputs[name] = refs.map((ref) => ({ key: ref.key, value: cache.load(ref) }));
    else inputs[name] = refs.length > 0 ? cache.load(refs[0]!) : undefined;
  }
  return inputs as Record<string, never>;
}
