// Which page an address shows. A page gets the parts of its path, already decoded, and reads its query by itself.
import type { ComponentType } from 'preact';
import { AlertsPage } from '../views/alerts/page.tsx';
import { ComparePage } from '../views/compare/page.tsx';
import { EvaluationPage } from '../views/evaluation/page.tsx';
import { EvaluationsPage } from '../views/evaluations.tsx';
import { FramesPage } from '../views/frames/page.tsx';
import { HomePage } from '../views/home/page.tsx';
import { JobPage } from '../views/home/job.tsx';
import { RunPage } from '../views/run/page.tsx';
import { RunsPage } from '../views/runs/page.tsx';
import { SeriesListPage } from '../views/series/list.tsx';
import { SeriesPage } from '../views/series/page.tsx';
import { WorkersPage } from '../views/workers.tsx';

export type Page = ComponentType<{ id: string }>;
export type Route = { readonly path: RegExp; readonly nav: string } & ({ readonly page: Page } | { readonly load: () => Promise<Page> });

/** The first that matches. `nav`: which entry of the navigation it is under. */
export const ROUTES: readonly Route[] = [
  { path: /^\/$/, nav: '/', page: HomePage },
  { path: /^\/jobs\/([^/]+)$/, nav: '/', page: JobPage },
  { path: /^\/runs$/, nav: '/runs', page: RunsPage },
  { path: /^\/runs\/([^/]+)$/, nav: '/runs', page: RunPage },
  { path: /^\/runs\/([^/]+)\/frames$/, nav: '/runs', page: FramesPage },
  { path: /^\/compare$/, nav: '/runs', page: ComparePage },
  { path: /^\/evaluations$/, nav: '/evaluations', page: EvaluationsPage },
  { path: /^\/evaluations\/([^/]+)$/, nav: '/evaluations', page: EvaluationPage },
  { path: /^\/series$/, nav: '/series', page: SeriesListPage },
  { path: /^\/series\/view$/, nav: '/series', page: SeriesPage },
  { path: /^\/trends$/, nav: '/trends', load: async () => (await import('../views/trends/page.tsx')).TrendsPage },
  { path: /^\/alerts$/, nav: '/alerts', page: AlertsPage },
  { path: /^\/workers$/, nav: '/workers', page: WorkersPage },
];

export type Match = { route: Route; id: string };

/** A trailing slash is forgiven. What cannot be decoded is no address of ours. */
export function matchOf(path: string): Match | undefined {
  const plain = path.length > 1 ? path.replace(/\/+$/, '') : path;
  for (const route of ROUTES) {
    const found = route.path.exec(plain === '' ? '/' : plain);
    if (found === null) continue;
    try {
      return { route, id: decodeURIComponent(found[1] ?? '') };
    } catch {
      return undefined;
    }
  }
  return undefined;
}
