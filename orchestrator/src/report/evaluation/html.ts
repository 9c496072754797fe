// One self-contained page: no script, nothing fetched, everything that came from outside escaped.
import type { EvaluationRecord, Failure, MetricRow } from '../../contract/evaluation.ts';
import { counted, duration } from '../text.ts';
import { nameOfFact } from './fact.ts';
import { signed } from './cases.ts';
import { prefixCells } from './prefix-cells.ts';
import { escaped, forestSvg, pairsSvg } from './svg.ts';
import { sentence } from './terminal.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #5a6470; --line: #d5dbe1; --band: #e6ebf0; --worse: #b3400a; --better: #0a5ea8; --even: #46505a }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaee; --paper: #14181c; --faint: #9aa5b0; --line: #333b44; --band: #2a323a; --worse: #ff9d5c; --better: #74b8f5; --even: #b4bec8 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin-top: 2rem } .verdict { font-weight: 700 } .faint { color: var(--faint) }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line) } td.figure, th.figure { text-align: right; font-variant-numeric: tabular-nums }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--band); padding: .6rem } .plots { display: flex; flex-wrap: wrap; gap: 1rem } .wide { overflow-x: auto } figure { margin: 0 } svg { max-width: 100%; height: auto }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink) } svg .tick { fill: var(--faint); font-size: 11px } .band { fill: var(--band) } .ci { stroke: var(--ink); stroke-width: 2 } .zero { stroke: var(--faint); stroke-dasharray: 3 3 }
path.worse { fill: var(--worse) } path.better { fill: var(--better) } circle.equivalent { fill: var(--even) } circle.inconclusive { fill: var(--paper); stroke: var(--even); stroke-width: 2 }
line.up { stroke: var(--worse); stroke-width: 1.2 } line.down { stroke: var(--better); stroke-width: 1.2; stroke-dasharray: 4 2 } .dot { fill: var(--ink) }`;

const SIGN: Readonly<Record<MetricRow['verdict'], string>> = { worse: '▲', better: '▼', equivalent: '●', inconclusive: '○' };

export function htmlOf(record: EvaluationRecord): string {
  const { id, title, verdict, outcome, metrics, samples, correctness, facts, notes, versions } = record;
  const kinds = (['instructions', 'time'] as const).filter((kind) => metrics.some((row) => row.kind === kind && row.ci !== null));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`${verdict ?? outcome.kind}: ${title}`)}</title><style>${STYLE}</style></head><body><main>
<h1>${escaped(title)}</h1><p class="verdict">${escaped(sentence(record))}</p>
${metrics.length === 0 ? '' : `<h2>What changed</h2>${tableOf(metrics)}`}
${kinds.map((kind) => `<h2>${kind === 'time' ? 'Time' : 'Instructions'}: change and its 95 % interval</h2><div class="wide">${forestSvg(metrics.filter((row) => row.kind === kind && row.primary), kind)}</div><p class="faint">The band is what does not matter: the larger of the limit and the noise of the base against itself.</p>`).join('\n')}
${samples.length === 0 ? '' : `<h2>Every pair</h2><div class="plots">${samples.filter((one) => one.primary).map((one) => `<figure><figcaption>${escaped(`${one.metric} of ${one.pipeline}, ${one.unit}`)}</figcaption>${pairsSvg(one)}</figure>`).join('')}</div>`}
${facts.length === 0 ? '' : `<h2>Counters that changed</h2><ul>${facts.map((fact) => `<li>${escaped(`${nameOfFact(fact)} ${String(fact.base)} to ${String(fact.patched)}, exact, the same in ${counted(fact.boots, 'boot')} of each kernel`)}</li>`).join('')}</ul>`}
${record.prefixes.length === 0 ? '' : `<h2>Instructions, patch by patch</h2><p class="faint">From one boot each: the change against one patch fewer.</p>${prefixTable(record)}`}
<h2>Correctness</h2>${failuresOf('Wrong, and right in the base', correctness.failures)}${failuresOf('Wrong in the base too', correctness.known)}${failuresOf('Seen once and not again', correctness.unconfirmed)}
${correctness.failures.length + correctness.known.length + correctness.unconfirmed.length === 0 ? `<p>${correctness.runs.length === 0 ? 'Nothing was booted.' : `${counted(correctness.runs.length, 'boot')}, nothing wrong.`}</p>` : ''}
${notes.length === 0 ? '' : `<h2>Notes</h2><ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>`}
<h2>Conditions</h2><table>${Object.entries({ series: record.series, base: `${record.base} ${record.baseVersion ?? ''}`, device: record.device, accelerator: record.accelerator ?? '-', renderer: record.renderer ?? '-', ...versions }).map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`).join('')}</table>
<p class="faint">${escaped(`${record.phases.map(({ phase, seconds }) => `${phase} ${duration(seconds * 1000)}`).join(', ')}; ${duration(record.seconds * 1000)} in all. Method ${String(record.method)}, seed ${String(record.seed)}. Again from the raw samples: vlab evaluate --recompute ${id}`)}</p>
</main></body></html>
`;
}

function tableOf(rows: readonly MetricRow[]): string {
  const head = ['metric', 'pipeline', 'kind', 'change', '95 % interval', 'p', 'pairs', 'limit', 'verdict'].map((name) => `<th scope="col">${name}</th>`).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.map((row) => `<tr>${[row.primary ? row.metric : `(${row.metric})`, row.pipeline, row.kind].map((cell) => `<td>${escaped(cell)}</td>`).join('')}${[
    row.changePct === null ? '-' : `${signed(row.changePct)} %`, row.ci === null || row.p === null ? '-' : `${signed(row.ci[0])} to ${signed(row.ci[1])} %`, row.kind === 'counters' ? 'exact' : row.p === null ? '-' : row.p.toPrecision(2), String(row.pairs), `${row.limitPct.toFixed(2)} %`,
  ].map((cell) => `<td class="figure">${escaped(cell)}</td>`).join('')}<td>${SIGN[row.verdict]} ${row.verdict}</td></tr>`).join('')}</tbody></table></div>`;
}

function prefixTable(record: EvaluationRecord): string {
  const [head = [], ...rows] = prefixCells(record);
  const last = head.length - 1;
  const figure = (column: number): string => (column === last ? '' : ' class="figure"');
  return `<div class="wide"><table><thead><tr>${head.map((name, column) => `<th scope="col"${figure(column)}>${escaped(name)}</th>`).join('')}</tr></thead><tbody>${rows.map((cells) => `<tr>${cells.map((cell, column) => `<td${figure(column)}>${escaped(cell)}</td>`).join('')}</tr>`).join('')}</tbody></table></div>`;
}

function failuresOf(title: string, list: readonly Failure[]): string {
  return list.length === 0 ? '' : `<h3>${title}</h3>${list.map(({ detector, what, flavour, why, run, again }) => `<p>${escaped(`${detector}${what === '' ? '' : ` (${what})`}, ${flavour}${run === null ? '' : `, ${run}`}${again === null ? '' : `, again in ${again}`}`)}</p><pre>${escaped(why)}</pre>`).join('')}`;
}
