// The same evaluation for others: as a mail, for a test system, for a spreadsheet; and how to judge it again.
import type { VNode } from 'preact';
import { evaluationUrl, reportUrl } from '../../app/files.ts';
import { Command } from '../../parts/copy.tsx';

const SAYS: Readonly<Record<string, string>> = { terminal: 'plain text', mail: 'mail for a list', ktap: 'KTAP', junit: 'JUnit XML', kcidb: 'KCIDB JSON', csv: 'CSV of every sample', html: 'one HTML page' };

export function Reports({ id, formats }: { id: string; formats: readonly string[] }): VNode {
  const whole = evaluationUrl(id);
  return (
    <div class="reports">
      <nav class="row-of" aria-label="Reports">{formats.map((format) => {
        const url = reportUrl(id, format);
        return url === undefined ? null : <a key={format} class="button small" href={url} download>{SAYS[format] ?? format}</a>;
      })}{whole === undefined ? null : <a class="button small" href={whole} download={`${id}.json`}>JSON of all of it</a>}</nav>
      <Command command={`npx vlab evaluate --recompute ${id}`} />
    </div>
  );
}
