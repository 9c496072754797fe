// What the server does with a filter of runs, done in the page: a copy has nobody to ask. Pure.
import { FACETS, NONE, PASS_FACETS } from '../../../orchestrator/src/contract/facet.ts';
import type { Facets, RunRow } from '../../api/shapes.ts';
import { valueOf, valuesOf } from '../format/query.ts';

/** Dimensions that a row has. */
export const DIMENSIONS = [...FACETS, ...PASS_FACETS] as const;

export function narrowed(rows: readonly RunRow[], query: string): RunRow[] {
  const [expected, findings, text, from, to] = ['expected', 'findings', 'text', 'from', 'to'].map((name) => valueOf(query, name));
  const [ofRun, ofPass] = [ticked(query, FACETS), ticked(query, PASS_FACETS)];
  return rows.filter((row) => ofRun.every(([name, values]) => values.includes(row[name] ?? NONE))
    && (ofPass.length === 0 || row.passes.some((pass) => ofPass.every(([name, values]) => values.includes(pass[name] ?? ''))))
    && (expected === undefined || row.asExpected === (expected === 'yes'))
    && (findings === undefined || (row.findings > 0) === (findings === 'yes'))
    && (text === undefined || `${row.title}\n${row.why}`.toLowerCase().includes(text.toLowerCase()))
    && (from === undefined || Date.parse(row.sealedAt) >= Date.parse(from)) && (to === undefined || Date.parse(row.sealedAt) <= Date.parse(to)));
}

function ticked<Name extends string>(query: string, names: readonly Name[]): (readonly [Name, string[]])[] {
  return names.map((name) => [name, valuesOf(query, name)] as const).filter(([, values]) => values.length > 0);
}

/** What there is to tick, the commonest first. */
export function facetsOf(rows: readonly RunRow[]): Facets {
  return [
    ...FACETS.map((name) => facetOf(name, rows.map((row) => row[name] ?? NONE))),
    ...PASS_FACETS.map((name) => facetOf(name, rows.flatMap(({ passes }) => [...new Set(passes.flatMap((pass) => pass[name] ?? []))]))),
  ];
}

function facetOf(dimension: string, each: readonly string[]): Facets[number] {
  const counts = new Map<string, number>();
  for (const value of each) counts.set(value, (counts.get(value) ?? 0) + 1);
  return { dimension, values: [...counts].map(([value, runs]) => ({ value, runs })).sort((a, b) => b.runs - a.runs), more: 0 };
}
