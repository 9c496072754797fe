// Stands in the place of app/address.ts in a copy: it is one document, so that what a page's address would be stands behind its #.
import type { Place } from '../app/address.ts';

export function placeHere(): Place {
  return placeIn(location.hash.replace(/^#/, ''));
}

/** "/runs/r-0123456789?frame=3#console:7". Whatever does not begin with a slash is a place on the first page. */
export function placeIn(address: string): Place {
  const [, path = '', query = '', hash = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(address) ?? [];
  return path.startsWith('/') ? { path, query, hash } : { path: '/', query: '', hash: path };
}

export function addressOf({ path, query }: Place): string {
  return query === '' ? path : `${path}?${query}`;
}

export function pageAt(href: string): { place: Place; href: string } | undefined {
  if (href.startsWith('/')) return { place: placeIn(href), href: `#${href}` };
  const to = new URL(href, location.href);
  if (withoutHash(to.href) !== withoutHash(location.href)) return undefined;
  const hash = to.hash.replace(/^#/, '');
  const address = hash.startsWith('/') ? hash : `${addressOf(placeHere())}#${hash}`;
  return { place: placeIn(address), href: `#${address}` };
}

/** Two places of one page differ in what the browser takes for one name. */
export function goesByItself(): boolean {
  return false;
}

function withoutHash(href: string): string {
  return href.split('#')[0] ?? '';
}
