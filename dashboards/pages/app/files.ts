// Where the files are that a page links to, and their text. In a copy of the pages site/files.ts stands in its place.

const part = encodeURIComponent;

/** `name` is a path below the run's folder. */
export function fileUrl(run: string, name: string): string {
  return `/api/runs/${part(run)}/files/${name.split('/').map(part).join('/')}`;
}

export function reportUrl(evaluation: string, format: string): string | undefined {
  return `/api/evaluations/${part(evaluation)}/reports/${part(format)}`;
}

/** All that is kept of it, as the server has it; undefined where it cannot be had. */
export function evaluationUrl(evaluation: string): string | undefined {
  return `/api/evaluations/${part(evaluation)}`;
}

/** A table to take away, with the filter that it is shown with; undefined where it cannot be had. */
export type Table = 'runs' | 'evaluations' | 'series' | 'series/designs' | 'alerts' | 'trends' | 'cells' | 'jobs' | 'changes' | 'night' | 'workers' | 'unreadable' | 'passes' | 'commands' | 'steps' | 'stages' | 'calls' | 'properties' | 'exercise' | 'findings' | 'sizes' | 'frames' | 'errors' | 'compare' | 'verdicts' | 'failures' | 'facts' | 'prefixes' | 'samples' | 'phases' | 'versions';
export function exportUrl(table: Table, format: 'csv' | 'json', query: string): string | undefined {
  return `/api/${table}.${format}${query === '' ? '' : `?${query}`}`;
}

/** The probe's lines of a run, but for the pixels of its wrong frames; undefined where they cannot be had whole. */
export async function probeText(run: string, signal: AbortSignal): Promise<string | undefined> {
  const response = await fetch(`/api/runs/${part(run)}/probe-lines`, { signal });
  return response.ok ? response.text() : undefined;
}
