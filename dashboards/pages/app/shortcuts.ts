// Keys of a single character that do something wherever the focus is. Whoever speaks to the machine, or presses keys by mistake, turns them off, once for all pages.
import { storeOf } from './store.ts';

const NAME = 'single-keys';

export const singleKeys = storeOf(remembered());

export function turnSingleKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, 'off');
  } catch { /* storage may be forbidden; the choice then lasts as long as the page */ }
  singleKeys.set(on);
}

function remembered(): boolean {
  try {
    return localStorage.getItem(NAME) !== 'off';
  } catch {
    return true;
  }
}

/** Whether a page may take this key for itself: not from a field, not from the browser, and a character only while those are on. */
export function isForPage({ ctrlKey, metaKey, altKey, target, key }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || (target instanceof Element && target.closest('input, select, textarea') !== null)) return false;
  // Arrows there scroll what is wider than the screen.
  if (key.startsWith('Arrow') && target instanceof Element && target.closest('.wide') !== null) return false;
  return key.length > 1 || singleKeys.get();
}
