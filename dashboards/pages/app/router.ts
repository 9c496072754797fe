// Where the reader is. The address is the state and a link is a link: no page needs to know how it was reached.
import { goesByItself, pageAt, placeHere, type Place } from './address.ts';
import { storeOf, useStore } from './store.ts';

const here = storeOf<Place>(placeHere());

export function usePlace(): Place {
  return useStore(here);
}

export type Going = { replace?: boolean; /** the page stays where it is scrolled to: another filter of the same list */ stay?: boolean };

export function go(href: string, { replace = false, stay = false }: Going = {}): void {
  const to = pageAt(href);
  if (to === undefined) return;
  const y = stay ? scrollY : 0;
  if (replace) history.replaceState({ y }, '', to.href);
  else history.pushState({ y }, '', to.href);
  const before = here.get();
  here.set(placeHere());
  if (stay) return;
  if (before.path !== to.place.path) arrive();
  else if (to.place.hash !== '') reveal(to.place.hash);
}

/** Call once, when the page starts. */
export function startRouter(): void {
  history.scrollRestoration = 'manual';
  addEventListener('popstate', ({ state }) => {
    const before = here.get().path;
    here.set(placeHere());
    const y = heightIn(state);
    if (y !== undefined) scrollBackTo(y);
    if (before !== here.get().path) focusMain();
  });
  addEventListener('click', followLink);
  let timer: ReturnType<typeof setTimeout> | undefined;
  addEventListener('scroll', () => {
    clearTimeout(timer);
    timer = setTimeout(() => { history.replaceState({ y: scrollY }, ''); }, 150);
  }, { passive: true });
  const y = heightIn(history.state);
  if (y !== undefined && y > 0 && here.get().hash === '') scrollBackTo(y);
}

function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (!(link instanceof HTMLAnchorElement) || link.target !== '' || link.hasAttribute('download')) return;
  const to = pageAt(link.href);
  if (to === undefined || goesByItself(to.place)) return;
  event.preventDefault();
  go(to.href);
}

function arrive(): void {
  scrollTo(0, 0);
  focusMain();
}

function reveal(hash: string): void {
  const place = document.getElementById(hash);
  place?.scrollIntoView();
  place?.focus({ preventScroll: true });
}

/** A screen reader goes on reading from where the focus is: after a link that is the new page. */
function focusMain(): void {
  document.getElementById('main')?.focus({ preventScroll: true });
}

/** What was drawn from memory is there at once, what has to be fetched grows: so it is tried for a while, until the reader scrolls. */
function scrollBackTo(y: number): void {
  const until = performance.now() + 2000;
  const own = new AbortController();
  for (const name of ['wheel', 'touchstart', 'keydown', 'pointerdown']) addEventListener(name, () => { own.abort(); }, { signal: own.signal, passive: true });
  const step = (): void => {
    if (own.signal.aborted) return;
    scrollTo(0, y);
    if (Math.abs(scrollY - y) < 2 || performance.now() > until) own.abort();
    else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

function heightIn(state: unknown): number | undefined {
  if (typeof state !== 'object' || state === null || !('y' in state)) return undefined;
  return typeof state.y === 'number' ? state.y : undefined;
}
