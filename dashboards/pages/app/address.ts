// What an address means on a server: its path, query and hash are the page's own. In a copy of the pages site/address.ts stands in its place.

export type Place = { readonly path: string; readonly query: string; readonly hash: string };

export function placeHere(): Place {
  return placeOf(location);
}

/** The page that a link leads to; undefined where it leads to none of ours. */
export function pageAt(href: string): { place: Place; href: string } | undefined {
  const to = new URL(href, location.href);
  if (to.origin !== location.origin || to.pathname.startsWith('/api/') || to.pathname.startsWith('/queues')) return undefined;
  return { place: placeOf(to), href: to.href };
}

/** The browser goes to a place on the same page by itself, and tells by popstate. */
export function goesByItself({ path, query, hash }: Place): boolean {
  const here = placeHere();
  return path === here.path && query === here.query && hash !== '';
}

function placeOf({ pathname, search, hash }: Pick<URL, 'pathname' | 'search' | 'hash'>): Place {
  return { path: pathname, query: search.replace(/^\?/, ''), hash: hash.replace(/^#/, '') };
}
