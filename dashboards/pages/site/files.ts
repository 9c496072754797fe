// Stands in the place of app/files.ts in a copy: files lie beside the document.
import { copiedFile, copiedTable, logKey } from '../../api/site-paths.ts';
import type { Table } from '../app/files.ts';
import { copy, pieceText } from './stored.ts';

export function fileUrl(run: string, name: string): string {
  return copiedFile(run, name);
}

export function reportUrl(evaluation: string, format: string): string | undefined {
  return (copy().reports as Record<string, Record<string, string>>)[evaluation]?.[format];
}

export function evaluationUrl(_evaluation: string): string | undefined {
  return undefined;
}

/** Whole tables only: a file cannot be narrowed. */
export function exportUrl(table: Table, format: 'csv' | 'json', query: string): string | undefined {
  return table === 'cells' || (table === 'runs' && query === '') ? copiedTable(table, format) : undefined;
}

export async function probeText(run: string, _signal: AbortSignal): Promise<string | undefined> {
  const log = copy().logs[logKey(run, 'probe')];
  return log === undefined || log.cutOf !== null ? undefined : pieceText(log.piece);
}
