import type { Provenance } from '../../pipeline/provenance.js';
import type { Problem, Result } from '../../result.js';
import type { Figure } from '../figure.js';
import { answer } from './answer.js';
import { html, Markup, table } from './html.js';
import { resultTables } from './result-tables.js';
import { STYLE } from './style.js';

/** No script, no request: what a label from an untrusted file may hold stays text. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole result as one page that needs no network and runs no script. */
export function reportPage(
  result: Result,
  figures: (Figure & { svg: string })[],
  provenance: Provenance | null,
): string {
  const sample = result.sample || 'unnamed sample';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="interphase${provenance ? ` ${provenance.program.version}` : ''}">
<title>${sample} · Interphase</title>
<style>${new Markup(STYLE)}</style>
</head>
<body><main>
<header>
<h1>${sample}</h1>
${statusLine(result, provenance)}
<nav><a href="#answer">Answer</a><a href="#problems">Problems${problemCount(result.problems)}</a><a href="#figures">Figures</a><a href="#tables">Tables</a><a href="#origin">Origin</a><a href="#cite">How to cite</a></nav>
</header>
<section id="answer"><h2>Answer</h2>
${answer(result)}</section>
<section id="problems"><h2>Problems</h2>
${problemList(result.problems)}</section>
<section id="figures"><h2>Figures</h2>
${figures.length === 0 ? html`<p>There is nothing to draw.</p>` : figures.map(figureOf)}</section>
<section id="tables"><h2>Tables</h2>
<p class="quiet">Uncertainties are one standard uncertainty; the files in the folder tables hold all digits.</p>
${resultTables(result)}</section>
<section id="origin"><h2>Origin</h2>
${origin(provenance)}</section>
<section id="cite"><h2>How to cite</h2>
${citation(sample, provenance)}</section>
</main></body>
</html>
`.text;
}

const statusLine = (result: Result, provenance: Provenance | null): Markup => html`<p><span class="status ${
  result.status === 'ok' ? 'ok' : 'partial'
}">${result.status === 'ok' ? 'complete' : 'partial: something failed, see Problems'}</span>
<span class="quiet">${
  provenance
    ? `Interphase ${provenance.program.version}, pipeline ${provenance.pipeline}, ${provenance.finished.slice(0, 16).replace('T', ' ')} UTC`
    : ''
}</span></p>`;

/** How many, in red where something failed: nobody should have to scroll to learn of it. */
function problemCount(problems: Problem[]): Markup {
  const failed = problems.some(({ severity }) => severity === 'error');
  return problems.length === 0
    ? html``
    : html` <span class="count${failed ? ' error' : ''}">(${problems.length})</span>`;
}

function problemList(problems: Problem[]): Markup {
  if (problems.length === 0) return html`<p>None.</p>`;
  const sorted = [...problems].sort(
    (a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'),
  );
  return html`<ul class="problems">
${sorted.map(
  (p) =>
    html`<li class="${p.severity === 'error' ? 'error' : 'warning'}"><div class="where">${
      p.severity === 'error' ? 'failed' : 'warning'
    } · ${p.stage} · ${p.input}</div>${p.message}</li>\n`,
)}</ul>`;
}

/** Drawings are XML of our own making, escaped when they were written. */
function figureOf(one: Figure & { svg: string }, index: number): Markup {
  const width = Number(/ width="([\d.]+)mm"/.exec(one.svg)?.[1] ?? 170);
  return html`<figure id="figure-${one.id}" class="${width < 120 ? 'single' : 'double'}">
${new Markup(one.svg)}<figcaption><b>Figure ${index + 1}. ${one.title}.</b> ${one.caption} <span class="quiet">figures/${one.id}.svg</span></figcaption>
</figure>
`;
}

function origin(provenance: Provenance | null): Markup {
  if (provenance === null) return html`<p>No provenance was found beside this result.</p>`;
  const { program } = provenance;
  return html`<p>Interphase ${program.version} on Node ${program.node} (${program.platform}); experiment
<code>${provenance.experiment}</code>; pipeline <code>${provenance.pipeline}</code>; from ${provenance.started} to
${provenance.finished}. The same as machine-readable RO-Crate: ro-crate-metadata.json.</p>
<details><summary>Inputs (${provenance.inputs.length})</summary>
${table({
  header: ['file', 'sha256'],
  rows: provenance.inputs.map((input) => [
    html`<code>${input.path}</code>`,
    html`<code>${input.sha256}</code>`,
  ]),
  limit: 500,
  more: 'ro-crate-metadata.json',
})}</details>
<details><summary>Stages (${provenance.stages.length})</summary>
${table({
  header: ['stage', 'version', 'runs', 'cached', 'failed', 'seconds', 'parameters'],
  rows: provenance.stages.map((s) => [
    s.stage,
    s.version,
    s.runs,
    s.fromCache,
    s.failed,
    (s.milliseconds / 1000).toFixed(2),
    html`<code>${JSON.stringify(s.params ?? {})}</code>`,
  ]),
})}</details>`;
}

const citation = (
  sample: string,
  provenance: Provenance | null,
): Markup => html`<p>Name the program with its version, and
keep this folder (it is an RO-Crate) with the data. For a methods section:</p>
<blockquote><p>${sample} was analysed with Interphase ${provenance?.program.version ?? ''} (pipeline
${provenance?.pipeline ?? 'unknown'}). Uncertainties are one standard uncertainty; intervals are 95 %.</p></blockquote>
<p>The formulas behind the numbers, each with its source, stand in the documentation of the program (folder docs).</p>`;
