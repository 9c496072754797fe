// Where the reader is. The address is the state and a link is a link: no page needs to know how it was reached.
import { goesByItself, pageAt, placeHere, type Place } from './address.ts';
import { storeOf, useStore } from './store.ts';

const here = storeOf<Place>(placeHere());

const BACK_MS = 2000;
const FOUND_MS = 15_000;
const SETTLED_MS = 1500;
/** Ends what still moves the page to where it should be. */
let moving: AbortController | undefined;

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
  moving?.abort();
  here.set(placeHere());
  if (stay) return;
  if (before.path !== to.place.path) arrive();
  if (to.place.hash !== '') reveal(to.place.hash);
}

/** Call once, when the page starts. */
export function startRouter(): void {
  history.scrollRestoration = 'manual';
  addEventListener('popstate', ({ state }) => {
    const before = here.get().path;
    moving?.abort();
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
  const { hash } = here.get();
  if (y !== undefined && y > 0) scrollBackTo(y);
  else if (hash !== '') reveal(hash);
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

/** A section is there once its page has been asked for, and goes on moving while what is above it grows. */
function reveal(hash: string): void {
  let since: number | undefined;
  untilMoved(FOUND_MS, () => {
    const place = document.getElementById(hash);
    if (place === null) return false;
    const fold = place.closest('details');
    if (fold !== null) fold.open = true;
    place.scrollIntoView();
    if (since === undefined) place.focus({ preventScroll: true });
    since ??= performance.now();
    return performance.now() - since > SETTLED_MS;
  });
}

/** A screen reader goes on reading from where the focus is: after a link that is the new page. */
function focusMain(): void {
  document.getElementById('main')?.focus({ preventScroll: true });
}

/** What was drawn from memory is there at once, what has to be fetched grows. */
function scrollBackTo(y: number): void {
  untilMoved(BACK_MS, () => {
    scrollTo(0, y);
    return Math.abs(scrollY - y) < 2;
  });
}

/** Tries again and again for a while, until it is done or the reader moves by himself. */
function untilMoved(ms: number, done: () => boolean): void {
  const until = performance.now() + ms;
  const own = new AbortController();
  moving?.abort();
  moving = own;
  for (const name of ['wheel', 'touchstart', 'keydown', 'pointerdown']) addEventListener(name, () => { own.abort(); }, { signal: own.signal, passive: true });
  const step = (): void => {
    if (own.signal.aborted) return;
    if (done() || performance.now() > until) own.abort();
    else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

function heightIn(state: unknown): number | undefined {
  if (typeof state !== 'object' || state === null || !('y' in state)) return undefined;
  return typeof state.y === 'number' ? state.y : undefined;
}
