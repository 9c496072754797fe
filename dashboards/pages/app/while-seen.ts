// Streams of a page that nobody sees are closed: a browser opens six connections to one server over all its tabs, and the seventh page would not come.

/** Calls `open` now and whenever the page is seen again, and what that returned when it is hidden. Returns how to stop. */
export function whileSeen(open: () => () => void): () => void {
  let close: (() => void) | undefined;
  const look = (): void => {
    if (document.hidden) {
      close?.();
      close = undefined;
    } else {
      close ??= open();
    }
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    close?.();
  };
}
