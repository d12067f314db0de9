/**
 * Where a result comes from, written beside it as a Workflow-Run-like RO-Crate 1.1
 * (https://w3id.org/ro/crate/1.1): the inputs with their sha256, the program, the parameters, the stages and times.
 */

export interface ProvenanceInput {
  /** As the user named it, relative to the experiment file where that is possible. */
  path: string;
  sha256: string;
  bytes: number;
}

export interface ProvenanceStage {
  name: string;
  version: number;
  parameters: unknown;
  /** Items that the stage ran for, and how many of them came from the cache. */
  runs: number;
  cached: number;
  failed: number;
  seconds: number;
}

export interface Provenance {
  program: { name: string; version: string; node: string; platform: string };
  /** The command line, without the path of the interpreter. */
  command: string[];
  pipeline: { name: string; path: string | null; sha256: string | null };
  experiment: ProvenanceInput | null;
  inputs: ProvenanceInput[];
  stages: ProvenanceStage[];
  /** ISO 8601, UTC. */
  startedAt: string;
  endedAt: string;
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
const ref = (id: string): Entity => ({ '@id': id });
const refs = (ids: string[]): Entity[] => ids.map(ref);

/** The JSON-LD of `ro-crate-metadata.json`. */
export function roCrate(title: string, provenance: Provenance, parts: CratePart[]): Entity {
  const { program, inputs, stages, experiment, pipeline } = provenance;
  const software = `#${slug(program.name)}-${program.version}`;
  const allInputs = experiment === null ? inputs : [experiment, ...inputs];
  const inputIds = allInputs.map(inputId);
  const stageEntities = stages.map(stageEntity);
  const run: Entity = {
    '@id': '#run',
    '@type': 'CreateAction',
    name: `Analysis of ${title}`,
    description: provenance.command.join(' '),
    instrument: ref(software),
    object: refs([...inputIds, ...stageEntities.map((entity) => entity['@id'] as string)]),
    result: refs(parts.map((part) => fileId(part.path))),
    startTime: provenance.startedAt,
    endTime: provenance.endedAt,
    actionStatus: ref('http://schema.org/CompletedActionStatus'),
  };
  const root: Entity = {
    '@id': './',
    '@type': 'Dataset',
    name: `Interphase result: ${title}`,
    description: `What Interphase found in the measurements of ${title}: numbers, curves, figures and their origin.`,
    datePublished: provenance.endedAt,
    license: 'No licence stated: ask the owner of the measurements.',
    hasPart: refs(parts.map((part) => fileId(part.path))),
    mentions: [ref('#run')],
  };
  return {
    '@context': 'https://w3id.org/ro/crate/1.1/context',
    '@graph': [
      {
        '@id': 'ro-crate-metadata.json',
        '@type': 'CreativeWork',
        conformsTo: ref('https://w3id.org/ro/crate/1.1'),
        about: ref('./'),
      },
      root,
      run,
      softwareEntity(software, provenance),
      ...(pipeline.name === '' ? [] : [pipelineEntity(pipeline)]),
      ...allInputs.map(inputEntity),
      ...stageEntities,
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

const pipelineEntity = (pipeline: Provenance['pipeline']): Entity => ({
  '@id': '#pipeline',
  '@type': 'HowTo',
  name: pipeline.name,
  ...(pipeline.path === null ? {} : { alternateName: pipeline.path }),
  ...(pipeline.sha256 === null ? {} : { identifier: `sha256:${pipeline.sha256}` }),
});

/** Inputs are not part of the crate (they stay where they are): they are told by name and hash. */
const inputId = (input: ProvenanceInput): string => `#input-${input.sha256}-${slug(input.path)}`;

const inputEntity = (input: ProvenanceInput): Entity => ({
  '@id': inputId(input),
  '@type': 'DigitalDocument',
  name: input.path,
  contentSize: String(input.bytes),
  identifier: `sha256:${input.sha256}`,
});

const stageEntity = (stage: ProvenanceStage, index: number): Entity => ({
  '@id': `#stage-${index + 1}-${slug(stage.name)}`,
  '@type': 'PropertyValue',
  name: `${stage.name} (version ${stage.version})`,
  value: JSON.stringify(stage.parameters ?? {}),
  description:
    `${stage.runs} runs, ${stage.cached} from the cache, ${stage.failed} failed, ` +
    `${stage.seconds.toFixed(2)} s`,
});

const fileId = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const partEntity = (part: CratePart): Entity => ({
  '@id': fileId(part.path),
  '@type': 'File',
  name: part.path,
  description: part.description,
  encodingFormat: part.mediaType,
  contentSize: String(part.bytes),
  identifier: `sha256:${part.sha256}`,
});

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
