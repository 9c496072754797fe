// Links in a copy. Views write the addresses that a server would have; here each becomes one behind the #, and what is not in the copy is no link.
import { options } from 'preact';
import { askEvaluation, askJob, askRun, askSeries } from '../app/endpoints.ts';
import { matchIn } from '../app/route.ts';
import { valueOf } from '../format/query.ts';
import { addressOf, placeHere, placeIn } from './address.ts';
import { ROUTES } from './routes.ts';
import { copy } from './stored.ts';

type Props = { href?: unknown; title?: unknown };

const ELSEWHERE = 'not in this copy';

/** Call once, before anything is drawn. */
export function keepLinksWithin(): void {
  options.vnode = (vnode) => { if (vnode.type === 'a') within(vnode.props as Props); };
}

function within(props: Props): void {
  const { href, title } = props;
  if (typeof href !== 'string' || href.startsWith('#/')) return;
  if (href.startsWith('#')) {
    props.href = `#${addressOf(placeHere())}${href}`;
  } else if (href.startsWith('/')) {
    if (isHere(href)) props.href = `#${href}`;
    else {
      delete props.href;
      props.title = typeof title === 'string' && title !== '' ? `${title} (${ELSEWHERE})` : ELSEWHERE;
    }
  }
}

function isHere(href: string): boolean {
  const { path, query } = placeIn(href);
  const match = matchIn(ROUTES, path);
  return match !== undefined && wantedBy(path, query, match.id).every((url) => Object.hasOwn(copy().answers, url));
}

/** The answers without which a page has nothing to show. */
function wantedBy(path: string, query: string, id: string): string[] {
  if (path.startsWith('/jobs/')) return [askJob(id).url];
  if (path.startsWith('/runs/')) return [askRun(id).url];
  if (path.startsWith('/evaluations/')) return [askEvaluation(id).url];
  if (path.startsWith('/series/')) return [askSeries(valueOf(query, 'name') ?? '').url];
  if (path.startsWith('/compare')) return ['from', 'to'].map((name) => askRun(valueOf(query, name) ?? '').url);
  return [];
}
