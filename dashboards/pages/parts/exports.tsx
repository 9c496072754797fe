// The table of a page to take away, with the filter that it is shown with.
import type { VNode } from 'preact';
import { exportUrl, type Table } from '../app/endpoints.ts';

export function Exports({ table, query = '' }: { table: Table; query?: string }): VNode {
  return <><a href={exportUrl(table, 'csv', query)} download>as CSV</a> <a href={exportUrl(table, 'json', query)} download>as JSON</a></>;
}
