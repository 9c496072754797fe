// What a route is, and which of some an address is on. A page gets the parts of its path, already decoded, and reads its query by itself.
import type { ComponentType } from 'preact';

export type Page = ComponentType<{ id: string }>;
export type Route = { readonly path: RegExp; readonly nav: string } & ({ readonly page: Page } | { readonly load: () => Promise<Page> });
export type Match = { route: Route; id: string };

/** The first that matches. A trailing slash is forgiven. What cannot be decoded is no address of ours. */
export function matchIn(routes: readonly Route[], path: string): Match | undefined {
  const plain = path.length > 1 ? path.replace(/\/+$/, '') : path;
  for (const route of routes) {
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
