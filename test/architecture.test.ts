import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stages } from '../src/stages/registry.js';

const source = fileURLToPath(new URL('../src/', import.meta.url));

/** From the roof down; a floor may import only floors below it. */
const floors = [
  'cli',
  'batch',
  'run',
  'report',
  'stages',
  'simulate',
  'pipeline',
  'formats',
  'interphase',
  'xas',
  'xrd',
  'xrf',
  'fit',
  'reference',
  'numeric',
];
/** The three techniques stand side by side. */
const level = (floor: string): number =>
  ['xrd', 'xrf'].includes(floor) ? floors.indexOf('xas') : floors.indexOf(floor);
/** Rooms of a floor, in the order in which they may use each other; rooms of one entry stand side by side. */
const rooms: Record<string, string[][]> = {
  formats: [['common'], ['spectra', 'patterns', 'maps', 'crystal', 'results'], ['experiment'], ['inspect']],
  xas: [['curve'], ['edge'], ['scans', 'normalize', 'peaks', 'mixture']],
  xrd: [['crystal'], ['pattern'], ['frames'], ['refine']],
  interphase: [['edges', 'lines', 'together'], ['coupled'], ['answer']],
  xrf: [['image'], ['spectrum', 'regions', 'stack'], ['layer']],
};
const pure = ['interphase', 'xas', 'xrd', 'xrf', 'fit', 'reference', 'numeric'];

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
const importsOf = (name: string): string[] =>
  [...readFileSync(join(source, name), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1],
  );

describe('the house', () => {
  it('has only floors that import floors below', () => {
    const wrong = files.flatMap((name) => {
      const floor = name.split('/')[0];
      return importsOf(name)
        .filter((path) => path.startsWith('.'))
        .map((path) => relative(source, join(source, name, '..', path)).split('/')[0])
        .filter((other) => floors.includes(floor) && floors.includes(other) && other !== floor)
        .filter(
          (other) => level(other) <= level(floor) && !(level(other) === level(floor) && other === floor),
        )
        .map((other) => `${name} imports ${other}`);
    });
    expect([...new Set(wrong)]).toEqual([]);
  });

  it('has only rooms that import rooms before them', () => {
    const wrong = files.flatMap((name) => {
      const [floor, room] = name.split('/');
      const order = (other: string): number =>
        (rooms[floor] ?? []).findIndex((group) => group.includes(other));
      return importsOf(name)
        .filter((path) => path.startsWith('.'))
        .map((path) => relative(source, join(source, name, '..', path)).split('/'))
        .filter(([otherFloor, other]) => otherFloor === floor && other !== room && order(other) >= 0)
        .filter(([, other]) => order(room) >= 0 && order(other) >= order(room))
        .map(([, other]) => `${name} imports from ${floor}/${other}`);
    });
    expect([...new Set(wrong)]).toEqual([]);
  });

  it('has no files that need each other in a circle, not even for a type', () => {
    const needs = new Map(
      files.map((name) => [
        name,
        importsOf(name)
          .filter((path) => path.startsWith('.'))
          .map((path) => relative(source, join(source, name, '..', path)).replace(/\.js$/, '.ts')),
      ]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (name: string, way: string[]): void => {
      if (way.includes(name)) circles.push([...way.slice(way.indexOf(name)), name].join(' -> '));
      if (done.has(name) || way.includes(name)) return;
      for (const next of needs.get(name) ?? []) walk(next, [...way, name]);
      done.add(name);
    };
    for (const name of files) walk(name, []);
    expect(circles).toEqual([]);
  });

  it('keeps files and processes out of the science', () => {
    const impure = files
      .filter((name) => pure.includes(name.split('/')[0]))
      .filter((name) =>
        importsOf(name).some((path) => /^(node:)?(fs|child_process|worker_threads|os|process)\b/.test(path)),
      );
    expect(impure).toEqual([]);
  });

  it('lists every stage', () => {
    const written = readdirSync(join(source, 'stages'))
      .map((name) => readFileSync(join(source, 'stages', name), 'utf8'))
      .flatMap((text) => [...text.matchAll(/defineStage\(\{\s*name: '([^']+)'/g)].map((match) => match[1]));
    const listed = stages.map(({ name }) => name);
    expect(written.filter((name) => !listed.includes(name))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });
});
