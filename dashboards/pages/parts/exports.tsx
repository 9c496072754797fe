// The table of a page to take away, with the filter that it is shown with.
import type { VNode } from 'preact';
import { exportUrl, type Table } from '../app/files.ts';

export function Exports({ table, query = '' }: { table: Table; query?: string }): VNode | null {
  const [csv, json] = [exportUrl(table, 'csv', query), exportUrl(table, 'json', query)];
  return csv === undefined || json === undefined ? null : <><a href={csv} download aria-label={`${table.replace('/', ', ')} as CSV`}>as CSV</a> <a href={json} download aria-label={`${table.replace('/', ', ')} as JSON`}>as JSON</a></>;
}
