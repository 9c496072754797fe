// Which page an address shows, and what the navigation leads to. In a copy of the pages site/routes.ts stands in its place.
import type { Route } from './route.ts';
import { AlertsPage } from '../views/alerts/page.tsx';
import { ComparePage } from '../views/compare/page.tsx';
import { EvaluationPage } from '../views/evaluation/page.tsx';
import { EvaluationsPage } from '../views/evaluations.tsx';
import { FramesPage } from '../views/frames/page.tsx';
import { HomePage } from '../views/home/page.tsx';
import { JobPage } from '../views/home/job.tsx';
import { NightPage } from '../views/home/night-page.tsx';
import { RunPage } from '../views/run/page.tsx';
import { RunsPage } from '../views/runs/page.tsx';
import { SeriesListPage } from '../views/series/list.tsx';
import { SeriesPage } from '../views/series/page.tsx';
import { WorkersPage } from '../views/workers.tsx';

export const NAV: readonly (readonly [path: string, name: string])[] = [['/', 'Home'], ['/runs', 'Runs'], ['/evaluations', 'Evaluations'], ['/series', 'Series'], ['/trends', 'Trends'], ['/alerts', 'Alerts'], ['/workers', 'Workers']];

/** `nav`: which entry of the navigation it is under. */
export const ROUTES: readonly Route[] = [
  { path: /^\/$/, nav: '/', page: HomePage },
  { path: /^\/jobs\/([^/]+)$/, nav: '/', page: JobPage },
  { path: /^\/nights\/([^/]+)$/, nav: '/', page: NightPage },
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
