// The table of properties: one row each, one column per design, and the evidence below it.
import type { PropertyCell, RunDocument } from '../contract/documents.ts';
import { Property, PROPERTIES } from '../contract/property.ts';
import type { RunRecord } from '../contract/run.ts';
import { columnOf, columnsOf, markOf, shownIn } from './property-grid.ts';
import { printable, sayFlavour, wrap } from './text.ts';

/** In the order of the runs; undefined where nothing was asked. */
export function cellsOf(records: readonly Pick<RunRecord, 'id' | 'base' | 'series' | 'flavour' | 'device' | 'properties'>[]): PropertyCell[] | undefined {
  const cells = records.flatMap(({ id, base, series, flavour, device, properties }) => properties.map(({ property, holds, binding, value, evidence }) => ({
    property, design: `${designOf(series, base)}${sayFlavour(flavour)}`, base, device, holds, binding, value, evidence: `${id} on ${device}: ${evidence}`, run: id,
  })));
  return cells.length === 0 ? undefined : cells;
}

function designOf(series: string | null, base: string): string {
  return series === null ? base : (series.split('/').at(-1) ?? series);
}

const WIDTH = 100;
const GAP = 2;

/** What fits 100 columns beside each other; with more designs than that, one table after another. */
export function propertyTable({ table: cells = [] }: Pick<RunDocument, 'table'>): string[] {
  if (cells.length === 0) return [];
  const columns = columnsOf(cells);
  const rows = Property.options.filter((property) => cells.some((cell) => cell.property === property));
  const first = Math.max('property'.length, ...rows.map((row) => row.length));
  const perTable = Math.max(1, Math.floor((WIDTH - first) / (MIN_CELL + GAP)));
  const lines: string[] = [];
  for (let from = 0; from < columns.length; from += perTable) {
    const shown = columns.slice(from, from + perTable);
    const width = Math.min(MAX_CELL, Math.floor((WIDTH - first) / shown.length) - GAP);
    lines.push(...layOut([['property', ...shown], ...rows.map((row) => [row, ...shown.map((column) => cellText(cells, row, column))])], first, width), '');
  }
  return [...lines, ...evidenceOf(cells, rows)];
}

const MIN_CELL = 16;
const MAX_CELL = 30;

function cellText(cells: readonly PropertyCell[], property: Property, column: string): string {
  const shown = shownIn(cells, property, column);
  return shown === undefined ? '' : `${markOf(shown)} ${printable(shown.value)}`;
}

function layOut(rows: readonly (readonly string[])[], first: number, width: number): string[] {
  return rows.flatMap((row) => {
    const cells = row.map((text, index) => (index === 0 ? [text] : wrap(breakable(text, width), width, '').split('\n')));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) => cells.map((lines, index) => (lines[line] ?? '').padEnd(index === 0 ? first : width)).join(' '.repeat(GAP)).trimEnd());
  });
}

/** A name that is too long is broken behind a dash of its own. */
function breakable(text: string, width: number): string {
  return text.split(' ').map((word) => {
    if (word.length <= width) return word;
    const lines: string[] = [''];
    for (const part of word.split(/(?<=-)/)) {
      const line = lines.at(-1) ?? '';
      if (line !== '' && line.length + part.length > width) lines.push(part);
      else lines[lines.length - 1] = line + part;
    }
    return lines.join(' ');
  }).join(' ');
}

function evidenceOf(cells: readonly PropertyCell[], rows: readonly Property[]): string[] {
  return rows.flatMap((row) => {
    const { asks, binding } = PROPERTIES[row];
    const said = cells.filter((cell) => cell.property === row);
    const columns = said.map((cell) => columnOf(cell, said));
    return [
      wrap(`${row}: ${asks}${binding ? ' (binding)' : ''}`, 96, '    '),
      ...said.map((cell, index) => `    ${wrap(`${columns[index] ?? ''}: ${markOf(cell)} ${printable(cell.value)}. ${printable(cell.evidence)}`, 92, '        ')}`),
    ];
  }).concat('');
}
