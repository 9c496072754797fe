// The name of a page, for the tab and for who cannot see it.
import { useEffect } from 'preact/hooks';
import { storeOf } from './store.ts';

export const title = storeOf('');

export function useTitle(name: string): void {
  useEffect(() => {
    document.title = `${name} · Virgil Lab`;
    title.set(name);
  }, [name]);
}
