import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readExperiment } from '../src/formats/experiment/experiment.js';
import { readPipeline } from '../src/pipeline/pipeline-file.js';
import { sourceProducts } from '../src/run/sources.js';
import { stages } from '../src/stages/registry.js';
import { interphase } from './support/cli.js';
import { folderWith } from './support/folder.js';
import { writeTinyExperiment } from './support/tiny-experiment.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
);
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What stands in ``` blocks of a language. */
const blocks = (path: string, language: string): string[] =>
  [...textOf(path).matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text]) => text!,
  );

interface Example {
  where: string;
  command: string[];
  options: string[];
}

/** A line as a person would type it: comments, environment and quoted values aside. `a|b` stands for several commands. */
function examplesIn(where: string, text: string): Example[] {
  const lines = text.replace(/\\\n\s*/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const typed = /(?:^|\s)interphase ([a-z][\s\S]*)/.exec(line.replace(/\s#.*$/, ''))?.[1];
    if (typed === undefined) return [];
    const words = typed.replace(/'[^']*'|"[^"]*"/g, 'VALUE').split(/\s+/);
    const groups = ['xas', 'xrd', 'xrf'];
    const command = groups.includes(words[0]!) ? words.slice(0, 2) : words.slice(0, 1);
    const options = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split('=')[0]!);
    return command
      .at(-1)!
      .split('|')
      .map((last) => ({ where, command: [...command.slice(0, -1), last], options }));
  });
}

const helps = new Map<string, string>();
const helpOf = (command: string[]): string => {
  const name = command.join(' ');
  const known = helps.get(name) ?? interphase([...command, '--help']).stdout;
  helps.set(name, known);
  return known;
};

const documented = pages.flatMap((path) => [
  ...blocks(path, 'sh').flatMap((text) => examplesIn(path, text)),
  ...[...textOf(path).matchAll(/`(interphase (?:xas|xrd|xrf) [^`]+|interphase [a-z]+[^`]*)`/g)].flatMap(
    ([, text]) => examplesIn(path, text!.replaceAll('[', '').replaceAll(']', '')),
  ),
]);

describe('what the documents tell people to type', () => {
  it('exists: every command and every option', () => {
    expect(documented.length).toBeGreaterThan(25);
    for (const { where, command, options } of documented) {
      const help = helpOf(command.filter((word) => !word.startsWith('--')));
      expect(help, `${where}: interphase ${command.join(' ')}`).toContain('Usage: interphase');
      if (command.length === 2 && !command[1]!.startsWith('--'))
        expect(help, `${where}: interphase ${command.join(' ')}`).toMatch(
          new RegExp(`Usage: interphase ${command.join(' ')}\\b`),
        );
      for (const option of options)
        expect(help, `${where}: interphase ${command.join(' ')} ${option}`).toMatch(
          new RegExp(`${option}\\b|--help`),
        );
    }
  });

  it('has an example in the help of every command, and the examples exist too', () => {
    const names = (help: string): string[] =>
      [...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) /gm)]
        .map(([, name]) => name!)
        .filter((name) => name !== 'help');
    const top = names(helpOf([]));
    expect(top).toEqual(
      expect.arrayContaining(['run', 'batch', 'simulate', 'inspect', 'init', 'figures', 'report', 'convert']),
    );
    const commands = top.flatMap((name) =>
      ['xas', 'xrd', 'xrf'].includes(name) ? names(helpOf([name])).map((inner) => [name, inner]) : [[name]],
    );
    for (const command of commands) {
      const help = helpOf(command);
      const examples = examplesIn('help', help.slice(help.search(/^Examples?:/m)));
      expect(examples.length, command.join(' ')).toBeGreaterThan(0);
      for (const example of examples)
        for (const option of example.options)
          expect(helpOf(example.command), `${command.join(' ')}: ${option}`).toMatch(
            new RegExp(`${option}\\b`),
          );
    }
  });
});

describe('the files that the documents show', () => {
  it('experiment.yaml can be read as it stands', () => {
    const [text] = blocks('docs/experiment-file.md', 'yaml');
    const folder = folderWith({ 'experiment.yaml': text! });
    for (const [, path] of text!.matchAll(/\b([\w-]+\/[\w-]+\.\w+|[\w-]+\.h5)\b/g)) {
      mkdirSync(dirname(join(folder, path!)), { recursive: true });
      writeFileSync(join(folder, path!), '1 2 3\n');
    }
    mkdirSync(join(folder, 'uxrd'), { recursive: true });
    writeFileSync(join(folder, 'uxrd/scan_001.xye'), '1 2 3\n');
    // The map names references that the shortened example does not list.
    const whole = text!.replace(
      /^maps:/m,
      (maps) =>
        ['Y metal', 'LYC']
          .map((label) => `  - { file: xas/foil.xdi, edge: Y K, role: reference, label: ${label} }\n`)
          .join('') + maps,
    );
    writeFileSync(join(folder, 'experiment.yaml'), whole);
    const { diffraction, spectra, maps, cycles } = readExperiment(folder);
    expect([diffraction.length, spectra.length, maps.length, cycles]).toEqual([1, 4, 2, 1000]);
  });

  it('the pipeline is one, and every stage with its parameters is listed', () => {
    const page = textOf('docs/pipeline.md');
    const [text] = blocks('docs/pipeline.md', 'yaml');
    expect(readPipeline(text!, 'pipeline.md', stages, sourceProducts).steps).toHaveLength(7);
    for (const { name, params } of stages) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      const told = [...(row?.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, key]) => key);
      expect(told, `parameters of ${name} in the table of docs/pipeline.md`).toEqual(
        Object.keys((params as { entries?: object }).entries ?? {}),
      );
    }
  });

  it('a pipeline without a stage that sums up is told what it lacks', () => {
    const folder = folderWith({ 'p.yaml': 'name: p\nstages:\n  - stage: read-spectra\n' });
    writeTinyExperiment(join(folder, 'e'));
    const { status, stderr } = interphase([
      'run',
      join(folder, 'e'),
      '--pipeline',
      join(folder, 'p.yaml'),
      '--quiet',
    ]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/makes no result.*summarize-spectra/)]);
  });

  it.each(pages)('links of %s lead somewhere', (path) => {
    for (const [, target] of textOf(path).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g))
      expect(() => readFileSync(join(root, dirname(path), target!)), `${path} -> ${target}`).not.toThrow();
  });
});
