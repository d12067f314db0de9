import * as v from 'valibot';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { InputError } from '../errors.js';
import { suggestion } from '../formats/common/nearest.js';
import type { AnyStage } from './stage.js';

/** One entry of a pipeline: a stage with its parameters, and where its inputs come from. */
export interface Step {
  stage: AnyStage;
  /** Checked and completed by the stage's schema. */
  params: unknown;
  /** Input name to product name. */
  inputs: Record<string, string>;
  gives: string;
  line: number;
}

export interface Pipeline {
  name: string;
  description: string;
  steps: Step[];
}

const stepSchema = v.strictObject({
  stage: v.string(),
  with: v.optional(v.record(v.string(), v.unknown()), {}),
  needs: v.optional(v.record(v.string(), v.string()), {}),
  gives: v.optional(v.string()),
});
const fileSchema = v.strictObject({
  name: v.string(),
  description: v.optional(v.string(), ''),
  stages: v.array(v.record(v.string(), v.unknown())),
});

/**
 * Reads a pipeline: which stages, with which parameters. Everything that can be wrong in it is found here, before
 * anything runs: unknown keys and stages, wrong types, inputs that nothing gives, circles.
 *
 * @throws InputError with file and line.
 */
export function readPipeline(
  text: string,
  path: string,
  stages: readonly AnyStage[],
  sources: readonly string[],
): Pipeline {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineOf = (at: readonly (string | number)[]): number => {
    for (let depth = at.length; depth >= 0; depth--) {
      const offset = offsetOf(document.contents, at.slice(0, depth));
      if (offset !== null) return lines.linePos(offset).line;
    }
    return 1;
  };
  const fail = (what: string, at: readonly (string | number)[], cure: string | null = null): never => {
    throw new InputError(what, { path, line: lineOf(at) }, cure);
  };
  const broken = document.errors[0];
  if (broken)
    throw new InputError(broken.message.split('\n')[0], { path, line: broken.linePos?.[0].line ?? 1 });

  const file = check(fileSchema, document.toJS({ maxAliasCount: 50 }), [], fail);
  const steps = file.stages.map((raw, index): Step => {
    const at = ['stages', index];
    const entry = check(stepSchema, raw, at, fail);
    const stage = stages.find(({ name }) => name === entry.stage);
    if (!stage)
      return fail(
        `no stage is called '${entry.stage}'`,
        [...at, 'stage'],
        suggestion(
          entry.stage,
          stages.map(({ name }) => name),
        ),
      );
    for (const input of Object.keys(entry.needs))
      if (!(input in stage.needs))
        fail(
          `stage '${stage.name}' has no input '${input}'`,
          [...at, 'needs', input],
          `it needs ${Object.keys(stage.needs).join(', ')}`,
        );
    const inputs = Object.fromEntries(
      Object.entries(stage.needs).map(([input, need]) => [input, entry.needs[input] ?? need.product]),
    );
    return {
      stage,
      params: check(stage.params as typeof stepSchema, entry.with, [...at, 'with'], fail),
      inputs,
      gives: entry.gives ?? stage.gives,
      line: lineOf(at),
    };
  });
  checkConnections(steps, sources, path);
  return { name: file.name, description: file.description, steps };
}

function checkConnections(steps: Step[], sources: readonly string[], path: string): void {
  const givers = new Map<string, Step>();
  for (const step of steps) {
    const earlier = givers.get(step.gives);
    if (earlier || sources.includes(step.gives))
      throw new InputError(
        `'${step.gives}' is given twice${earlier ? `, first in line ${earlier.line}` : ''}`,
        { path, line: step.line },
        "rename one with 'gives:'",
      );
    givers.set(step.gives, step);
  }
  for (const step of steps)
    for (const [input, product] of Object.entries(step.inputs))
      if (!givers.has(product) && !sources.includes(product))
        throw new InputError(
          `input '${input}' of stage '${step.stage.name}' is not connected: nothing gives '${product}'`,
          { path, line: step.line },
          'add the stage that gives it, or name another product under needs:',
        );
  const settled = new Set(sources);
  let waiting = steps;
  while (waiting.length > 0) {
    const ready = waiting.filter((step) =>
      Object.values(step.inputs).every((product) => settled.has(product)),
    );
    if (ready.length === 0)
      throw new InputError(
        `stages wait for each other in a circle: ${waiting.map((s) => s.stage.name).join(', ')}`,
        { path, line: waiting[0].line },
      );
    for (const step of ready) settled.add(step.gives);
    waiting = waiting.filter((step) => !ready.includes(step));
  }
}

type Fail = (what: string, at: readonly (string | number)[], cure?: string | null) => never;

function check<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  at: readonly (string | number)[],
  fail: Fail,
): v.InferOutput<S> {
  const outcome = v.safeParse(schema, value ?? {});
  if (outcome.success) return outcome.output;
  const issue = outcome.issues[0];
  const inner = (issue.path ?? []).map((item) => item.key as string | number);
  const unknown = issue.type === 'strict_object' && issue.expected === 'never';
  const name = inner.join('.');
  if (!unknown) return fail(`${name ? `'${name}': ` : ''}${issue.message}`, [...at, ...inner]);
  return fail(`unknown key '${name}'`, [...at, ...inner], suggestion(String(inner.at(-1)), keysOf(schema)));
}

const keysOf = (schema: v.GenericSchema): string[] =>
  'entries' in schema ? Object.keys(schema.entries as Record<string, unknown>) : [];

function offsetOf(root: Node | null, at: readonly (string | number)[]): number | null {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const step of at) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (!pair) return null;
      offset = (isScalar(pair.key) ? pair.key.range?.[0] : null) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[step as number];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else return null;
  }
  return offset;
}
