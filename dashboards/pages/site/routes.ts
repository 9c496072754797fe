// Stands in the place of app/routes.ts in a copy: the pages that it has.
import type { Route } from '../app/route.ts';
import { ComparePage } from '../views/compare/page.tsx';
import { EvaluationPage } from '../views/evaluation/page.tsx';
import { FramesPage } from '../views/frames/page.tsx';
import { JobPage } from '../views/home/job.tsx';
import { RunPage } from '../views/run/page.tsx';
import { SeriesPage } from '../views/series/page.tsx';
import { SiteHome } from './home.tsx';
import { SiteEvaluations, SiteSeries } from './lists.tsx';
import { SiteRuns } from './runs.tsx';

export const NAV: readonly (readonly [path: string, name: string])[] = [['/', 'Job'], ['/runs', 'Runs'], ['/evaluations', 'Evaluations'], ['/series', 'Series']];

export const ROUTES: readonly Route[] = [
  { path: /^\/$/, nav: '/', page: SiteHome },
  { path: /^\/jobs\/([^/]+)$/, nav: '/', page: JobPage },
  { path: /^\/runs$/, nav: '/runs', page: SiteRuns },
  { path: /^\/runs\/([^/]+)$/, nav: '/runs', page: RunPage },
  { path: /^\/runs\/([^/]+)\/frames$/, nav: '/runs', page: FramesPage },
  { path: /^\/compare$/, nav: '/runs', page: ComparePage },
  { path: /^\/evaluations$/, nav: '/evaluations', page: SiteEvaluations },
  { path: /^\/evaluations\/([^/]+)$/, nav: '/evaluations', page: EvaluationPage },
  { path: /^\/series$/, nav: '/series', page: SiteSeries },
  { path: /^\/series\/view$/, nav: '/series', page: SeriesPage },
];
