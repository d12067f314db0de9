import type { StepReport } from './run-pipeline.js';

/**
 * Where a result comes from, written beside it as an RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) of the profile Process
 * Run Crate 0.5: the inputs with their sha256, the program, the parameters, the stages and times.
 */

export interface ProvenanceInput {
  path: string;
  sha256: string;
}

export interface Provenance {
  program: { name: string; version: string; node: string; platform: string };
  /** Path of the experiment file. */
  experiment: string;
  inputs: ProvenanceInput[];
  pipeline: string;
  stages: StepReport[];
  /** ISO 8601, UTC. */
  started: string;
  finished: string;
  /** Stands for all that the result was made from, by the program that wrote it. */
  fingerprint?: string;
}

/** A file of the result folder, for the crate's list of parts. */
export interface CratePart {
  path: string;
  mediaType: string;
  description: string;
  bytes: number;
  sha256: string;
}

type Entity = Record<string, unknown>;

const PROFILE = 'https://w3id.org/ro/wfrun/process/0.5';
/** The context of RO-Crate 1.1 has no word for it: this one is of the Workflow Run profiles. */
const SHA256 = 'https://w3id.org/ro/terms/workflow-run#sha256';

const ref = (id: string): Entity => ({ '@id': id });
const refs = (ids: string[]): Entity[] => ids.map(ref);

/** The JSON-LD of `ro-crate-metadata.json`. */
export function roCrate(title: string, provenance: Provenance, parts: CratePart[]): Entity {
  const { program, inputs, stages } = provenance;
  const software = `#${slug(program.name)}-${program.version}`;
  const inputIds = inputs.map(inputId);
  const stageEntities = stages.map(stageEntity);
  const run: Entity = {
    '@id': '#run',
    '@type': 'CreateAction',
    name: `Analysis of ${title}`,
    description: `interphase run ${provenance.experiment} with the pipeline ${provenance.pipeline}`,
    instrument: ref(software),
    object: refs([...inputIds, '#pipeline', ...stageEntities.map((entity) => entity['@id'] as string)]),
    result: refs(parts.map((part) => fileId(part.path))),
    startTime: provenance.started,
    endTime: provenance.finished,
    actionStatus: ref('http://schema.org/CompletedActionStatus'),
    additionalProperty: ref('#record'),
  };
  const root: Entity = {
    '@id': './',
    '@type': 'Dataset',
    name: `Interphase result: ${title}`,
    description: `What Interphase found in the measurements of ${title}: numbers, curves, figures and their origin.`,
    datePublished: provenance.finished,
    license: ref('#licence'),
    conformsTo: ref(PROFILE),
    hasPart: refs(parts.map((part) => fileId(part.path))),
    mentions: ref('#run'),
  };
  return {
    '@context': ['https://w3id.org/ro/crate/1.1/context', { sha256: SHA256 }],
    '@graph': [
      {
        '@id': 'ro-crate-metadata.json',
        '@type': 'CreativeWork',
        conformsTo: ref('https://w3id.org/ro/crate/1.1'),
        about: ref('./'),
      },
      root,
      { '@id': PROFILE, '@type': 'CreativeWork', name: 'Process Run Crate', version: '0.5' },
      {
        '@id': '#licence',
        '@type': 'CreativeWork',
        name: 'No licence stated',
        description: 'The program cannot know it: ask the owner of the measurements.',
      },
      run,
      softwareEntity(software, provenance),
      { '@id': '#pipeline', '@type': ['CreativeWork', 'HowTo'], name: provenance.pipeline },
      ...inputs.map(inputEntity),
      ...stageEntities,
      { '@id': '#record', '@type': 'PropertyValue', name: 'run record', value: JSON.stringify(provenance) },
      ...parts.map(partEntity),
    ],
  };
}

const softwareEntity = (id: string, { program }: Provenance): Entity => ({
  '@id': id,
  '@type': 'SoftwareApplication',
  name: program.name,
  softwareVersion: program.version,
  runtimePlatform: `Node ${program.node} on ${program.platform}`,
});

/** Inputs are not part of the crate (they stay where they are): they are told by name and hash. */
const inputId = (input: ProvenanceInput): string => `#input-${input.sha256}-${slug(input.path)}`;

const inputEntity = (input: ProvenanceInput): Entity => ({
  '@id': inputId(input),
  '@type': 'CreativeWork',
  name: input.path,
  ...(/^[0-9a-f]{64}$/.test(input.sha256) ? { sha256: input.sha256 } : { description: 'could not be read' }),
});

const stageEntity = (step: StepReport, index: number): Entity => ({
  '@id': `#stage-${index + 1}-${slug(step.stage)}`,
  '@type': 'PropertyValue',
  name: `${step.stage} (version ${step.version})`,
  value: JSON.stringify(step.params ?? {}),
  description:
    `${step.runs} runs, ${step.fromCache} from the cache, ${step.failed} failed, ` +
    `${(step.milliseconds / 1000).toFixed(2)} s`,
});

const fileId = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const partEntity = (part: CratePart): Entity => ({
  '@id': fileId(part.path),
  '@type': 'File',
  name: part.path,
  description: part.description,
  encodingFormat: part.mediaType,
  contentSize: String(part.bytes),
  sha256: part.sha256,
});

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);

/** Reads back what `roCrate` wrote; null when the text is something else. */
export function parseRoCrate(text: string): { provenance: Provenance; parts: CratePart[] } | null {
  try {
    const graph = (JSON.parse(text) as { '@graph': Entity[] })['@graph'];
    const record = graph.find((entity) => entity['@id'] === '#record');
    const parts = graph.filter((entity) => entity['@type'] === 'File').map(partOf);
    return { provenance: JSON.parse(String(record?.value)) as Provenance, parts };
  } catch {
    return null;
  }
}

const partOf = (entity: Entity): CratePart => ({
  path: String(entity.name),
  mediaType: String(entity.encodingFormat),
  description: String(entity.description),
  bytes: Number(entity.contentSize),
  sha256: String(entity.sha256),
});
