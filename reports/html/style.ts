/** The report's one style sheet, inlined: a report is a single file that needs nothing else. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b2733; --soft: #5c6b7a; --paper: #fbfaf7; --card: #ffffff; --rule: #e3e0d8;
  --good: #14794a; --bad: #b3261e; --unsure: #8a6100; --accent: #1f5fa8;
  --s0: #1f5fa8; --s1: #d2691e; --s2: #14794a; --s3: #8e44ad; --s4: #c2185b; --s5: #607d8b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #9aa7b3; --paper: #14181c; --card: #1c2228; --rule: #303840;
  --good: #5fd39a; --bad: #ff8a80; --unsure: #ffcf5c; --accent: #7db7f5;
  --s0: #7db7f5; --s1: #ffab66; --s2: #5fd39a; --s3: #cf9ee6; --s4: #f48fb1; --s5: #b0bec5; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 1140px; margin: 0 auto; padding: 32px 20px 64px; }
header { border-left: 6px solid var(--soft); padding: 4px 0 4px 18px; margin-bottom: 28px; }
header.pass { border-color: var(--good); } header.fail { border-color: var(--bad); } header.unknown { border-color: var(--unsure); }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; }
.pass h1 { color: var(--good); } .fail h1 { color: var(--bad); } .unknown h1 { color: var(--unsure); }
h2 { font-size: 18px; margin: 36px 0 10px; }
p { margin: 6px 0; } small, .soft { color: var(--soft); font-weight: normal; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 10px 12px; overflow-x: auto; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px; }
.fact { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 12px 14px; }
.fact b { display: block; font-size: 24px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.fact span { color: var(--soft); font-size: 13px; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 9px; text-align: right; border-top: 1px solid var(--rule); white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: 13px; }
th:first-child, td:first-child, .text { text-align: left; }
td.text { white-space: normal; overflow-wrap: anywhere; }
td.words { text-align: left; white-space: normal; }
.zero { color: var(--soft); } .wrong { color: var(--bad); font-weight: 700; } .right { color: var(--good); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 16px; }
.columns td.text:not(:first-child) { overflow-wrap: normal; }
.columns h3 { font-size: 14px; margin: 0 0 6px; }
figure { margin: 0 0 16px; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 12px 14px; }
figcaption { font-weight: 600; margin-bottom: 4px; } svg { width: 100%; height: auto; display: block; }
.grid { stroke: var(--rule); } .tick { fill: var(--soft); font-size: 11px; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.line.s0 { stroke: var(--s0); } .line.s1 { stroke: var(--s1); } .line.s2 { stroke: var(--s2); }
.line.s3 { stroke: var(--s3); } .line.s4 { stroke: var(--s4); } .line.s5 { stroke: var(--s5); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; color: var(--soft); }
.key i { display: inline-block; width: 14px; height: 3px; margin-right: 6px; vertical-align: middle; }
i.s0 { background: var(--s0); } i.s1 { background: var(--s1); } i.s2 { background: var(--s2); }
i.s3 { background: var(--s3); } i.s4 { background: var(--s4); } i.s5 { background: var(--s5); }
ul { padding-left: 20px; margin: 6px 0; }
@media (max-width: 700px) { th:first-child, td:first-child { white-space: normal; } td.text { min-width: 16em; } }
@media print { body { background: #fff; } main { max-width: none; padding: 0; } }
`;
