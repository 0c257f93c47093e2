/** One style sheet, within the page: nothing is fetched. Light by default, dark where the reader's system is. */
export const STYLE = `
:root { color-scheme: light dark;
  --paper: #f7f6f2; --card: #ffffff; --ink: #20262b; --soft: #667079; --rule: #e3e1da; --code: #f1efe9;
  --good: #1c6e49; --good-wash: #e4f1ea; --bad: #a3341f; --bad-wash: #f8e6e1; --open: #85590a; --open-wash: #f7edd8;
  --plain: #2d5c86; --plain-wash: #e4edf5; --copy: #2d5c86; --verify: #1c6e49; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #15181b; --card: #1d2125; --ink: #e7e5df; --soft: #98a1a9; --rule: #30363c; --code: #262b30;
  --good: #74c79c; --good-wash: #1c3328; --bad: #ee9681; --bad-wash: #402420; --open: #e2b765; --open-wash: #3a2f1a;
  --plain: #8dbbe2; --plain-wash: #1e2f3f; --copy: #8dbbe2; --verify: #74c79c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.55;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, h3, p, dl, ul, figure { margin: 0; padding: 0; }
h2 { font-size: 1.05rem; font-weight: 600; margin: 3rem 0 1rem; }
h3 { font-size: 1.05rem; font-weight: 600; overflow-wrap: anywhere; }
code { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
dd { margin: 0; }
.muted { color: var(--soft); }
i.muted { font-style: italic; }
.foreign { white-space: pre-wrap; overflow-wrap: anywhere; }
.unseen { font-size: .75em; border: 1px solid var(--rule); border-radius: 3px; padding: 0 .25em; margin: 0 .1em;
  color: var(--soft); background: var(--code); white-space: nowrap; }
.top { display: flex; justify-content: space-between; gap: 1rem; flex-wrap: wrap; color: var(--soft);
  font-size: .9rem; margin-bottom: 1.5rem; }
.top strong { color: var(--ink); letter-spacing: .01em; }
.hero { border-radius: 16px; padding: clamp(1.5rem, 5vw, 3rem); display: grid; gap: .75rem;
  background: var(--wash); }
.hero svg { width: 3.25rem; height: 3.25rem; stroke: var(--tone); fill: none; stroke-width: 2.5;
  stroke-linecap: round; stroke-linejoin: round; }
.hero h1 { font-size: clamp(2rem, 7vw, 3.5rem); line-height: 1.1; letter-spacing: -.02em; font-weight: 650;
  color: var(--tone); text-wrap: balance; }
.hero p { font-size: 1.05rem; max-width: 46rem; }
.good { --tone: var(--good); --wash: var(--good-wash); }
.bad { --tone: var(--bad); --wash: var(--bad-wash); }
.open { --tone: var(--open); --wash: var(--open-wash); }
.plain { --tone: var(--plain); --wash: var(--plain-wash); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1.25rem 1.5rem;
  margin-top: 1.75rem; }
.facts dt, .numbers dt, .digests dt { color: var(--soft); font-size: .85rem; }
.facts dd { overflow-wrap: anywhere; }
.facts.sides { grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
.facts + .facts { margin-top: 1.25rem; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 1.25rem;
  margin-bottom: 1rem; display: grid; gap: 1rem; }
.card header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
.badge { background: var(--wash); color: var(--tone); border-radius: 999px; padding: .15rem .75rem; font-size: .875rem;
  font-weight: 600; white-space: nowrap; }
.numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.25rem, 1fr)); gap: .75rem 1rem; }
.number dd { font-size: 1.2rem; font-variant-numeric: tabular-nums; }
.number.zero dd { color: var(--soft); }
.number.wrong dd { color: var(--bad); font-weight: 600; }
.number.open dd { color: var(--open); font-weight: 600; }
.digests { display: grid; gap: .5rem; }
.digests div { display: grid; grid-template-columns: 9rem 1fr; gap: .5rem; align-items: baseline; }
.digest { overflow-wrap: anywhere; }
.pace { font-size: .875rem; }
.failure { background: var(--open-wash); border-radius: 8px; padding: .75rem 1rem; overflow-wrap: anywhere; }
.skipped { padding-left: 1.2rem; }
.settings { display: flex; flex-wrap: wrap; gap: .5rem; font-size: .875rem; }
.settings > span { background: var(--code); border-radius: 6px; padding: .15rem .6rem; overflow-wrap: anywhere; }
.chart { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 1rem; }
.chart svg { width: 100%; height: auto; display: block; }
.chart figcaption { font-size: .875rem; padding: .5rem .25rem 0; }
.grid { stroke: var(--rule); stroke-width: 1; }
.tick { fill: var(--soft); font-size: 12px; }
.area { opacity: .14; } .area.copy { fill: var(--copy); } .area.verify { fill: var(--verify); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.copy { stroke: var(--copy); } .line.verify { stroke: var(--verify); }
rect.slowed { fill: var(--open); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: 3px; margin-right: .4rem; }
.swatch.copy { background: var(--copy); } .swatch.verify { background: var(--verify); }
.swatch.slowed { background: var(--open); }
.differences h3 { margin: 1.5rem 0 .5rem; }
.differences table + p { margin-top: .6rem; font-size: .925rem; }
.differences td:nth-child(2), .differences td:nth-child(3) { min-width: 8rem; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--rule);
  border-radius: 12px; overflow: hidden; border-spacing: 0; font-size: .925rem; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .85rem; }
th, td { padding: .6rem .9rem; vertical-align: top; border-bottom: 1px solid var(--rule); }
tbody tr:last-child td { border-bottom: 0; }
.class { font-weight: 600; color: var(--bad); white-space: nowrap; }
.class.inFlight { color: var(--open); }
.properties { list-style: none; display: grid; gap: .4rem; }
.properties .name { font-weight: 600; margin-right: .4rem; }
.type { color: var(--soft); font-size: .875em; }
details { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: .9rem 1.25rem; }
summary { cursor: pointer; font-weight: 600; }
.words { display: grid; gap: .75rem; margin-top: 1rem; }
.words dt { font-weight: 600; }
.words dd { color: var(--soft); }
.evidence { display: grid; gap: .75rem; }
.evidence div { display: grid; grid-template-columns: 9rem 1fr; gap: .25rem 1rem; align-items: baseline; }
.evidence dt { color: var(--soft); font-size: .85rem; }
.evidence dd { overflow-wrap: anywhere; }
.section-note { margin-top: .75rem; font-size: .9rem; }
@media (max-width: 40rem) {
  main { padding: 1.25rem 1rem 3rem; }
  .digests div, .evidence div { grid-template-columns: 1fr; gap: 0; }
  thead { position: absolute; left: -9999px; }
  table, tbody, tr { display: block; }
  .differences td:nth-child(n) { min-width: 0; }
  tr { padding: .6rem .9rem; border-bottom: 1px solid var(--rule); }
  tbody tr:last-child { border-bottom: 0; }
  td { border: 0; padding: .2rem 0; display: grid; grid-template-columns: 6.5rem 1fr; gap: .5rem; }
  td::before { content: attr(data-label); color: var(--soft); font-size: .85rem; }
  .numbers { grid-template-columns: repeat(auto-fill, minmax(6.25rem, 1fr)); }
  .tick { font-size: 21px; }
}
@media print {
  :root { --paper: #fff; --card: #fff; }
  main { max-width: none; padding: 0; }
  .card, .hero, tr, .chart { break-inside: avoid; }
}
`;
