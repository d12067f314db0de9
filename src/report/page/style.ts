/** The page's own style sheet: readable on a screen, in a narrow window and on paper. Nothing is fetched. */
export const STYLE = `
:root { --ink: #1b1f24; --quiet: #5b636d; --line: #d9dde2; --soft: #f5f7f9; --accent: #0b5c8a; --bad: #9b1c1c; --warn: #7a5200; --good: #1c6b42; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); background: white; font: 16px/1.55 Charter, 'Bitstream Charter', 'Iowan Old Style', Georgia, 'Liberation Serif', serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, h3, th, .card, .status, figcaption, nav, caption { font-family: Inter, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.8rem 0 .8rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .5rem; overflow-wrap: anywhere; }
p, li { overflow-wrap: anywhere; }
a { color: var(--accent); }
.quiet { color: var(--quiet); font-size: .9rem; }
.status { display: inline-block; border-radius: 1rem; padding: .1rem .7rem; font-size: .85rem; font-weight: 600; color: white; background: var(--good); }
.status.partial { background: var(--warn); }
.answer { font-size: 1.08rem; }
.remarks { margin: .8rem 0; font-size: .95rem; }
.remarks dt { font: 600 .85rem/1.5 Inter, Arial, 'Liberation Sans', sans-serif; margin-top: .6rem; }
.remarks dd { margin: 0 0 .25rem 1rem; }
.cards { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.2rem 0; }
.card { flex: 1 1 13.5rem; border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: .35rem; padding: .7rem .9rem; background: var(--soft); }
.card .name { font-size: .82rem; color: var(--quiet); }
.card .value { font-size: 1.15rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.card .note { font-size: .82rem; color: var(--quiet); }
.problems { list-style: none; margin: 0; padding: 0; }
.problems li { border-left: 4px solid var(--warn); background: #fdf8ec; padding: .45rem .8rem; margin: .4rem 0; }
.problems li.error { border-color: var(--bad); background: #fcf1f0; }
.problems .where { font-family: Inter, Arial, 'Liberation Sans', sans-serif; font-size: .82rem; color: var(--quiet); }
figure { margin: 1.6rem 0 2.2rem; break-inside: avoid; }
figure image { image-rendering: pixelated; }
figure svg { display: block; width: 100%; height: auto; }
figure.single svg { max-width: 30rem; }
figcaption { font-size: .88rem; color: #333b44; margin-top: .5rem; line-height: 1.45; }
.scroll { overflow-x: auto; margin: .6rem 0 1.2rem; }
table { border-collapse: collapse; font: .86rem/1.4 Inter, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .35rem; }
th, td { text-align: left; padding: .28rem .8rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--quiet); border-bottom: 1.5px solid #9aa3ad; white-space: nowrap; }
td.n { text-align: right; white-space: nowrap; }
td { overflow-wrap: break-word; max-width: 26rem; }
td:has(code) { overflow-wrap: anywhere; }
code { font: .82em/1.4 ui-monospace, 'SFMono-Regular', Menlo, 'Liberation Mono', monospace; overflow-wrap: anywhere; }
summary { cursor: pointer; font: 600 .95rem/1.6 Inter, Arial, 'Liberation Sans', sans-serif; }
nav { font-size: .88rem; margin: 1rem 0 0; display: flex; flex-wrap: wrap; }
nav a { margin-right: 1rem; white-space: nowrap; }
nav .count { color: var(--quiet); }
nav .count.error { color: var(--bad); font-weight: 600; }
@media print {
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3 { break-after: avoid; }
  tr, .card, .problems li { break-inside: avoid; }
  .card, .problems li, .status { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  table { font-size: 7.5pt; }
  .scroll { overflow: visible; }
  details.words::details-content { content-visibility: visible; display: block; }
}
@page { margin: 16mm; }
`;
