// One value that several parts of a page look at.
import { useEffect, useState } from 'preact/hooks';

export type Store<T> = { readonly get: () => T; readonly set: (next: T) => void; readonly subscribe: (changed: () => void) => () => void };

export function storeOf<T>(first: T): Store<T> {
  let now = first;
  const hearers = new Set<() => void>();
  return {
    get: () => now,
    set: (next) => {
      if (Object.is(next, now)) return;
      now = next;
      for (const hearer of [...hearers]) hearer();
    },
    subscribe: (changed) => {
      hearers.add(changed);
      return () => { hearers.delete(changed); };
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState(0);
  const seen = store.get();
  useEffect(() => {
    const look = (): void => { redraw((count) => count + 1); };
    // It may have changed between drawing and now.
    if (!Object.is(store.get(), seen)) look();
    return store.subscribe(look);
  }, [store]);
  return seen;
}
