// The token with which this tab may say something, and whether the server wants one to show anything. It is kept for as long as the tab is, and for no other.
import { storeOf } from './store.ts';

/** From another machine, the server shows nothing without. */
export const tokenWanted = storeOf(false);

const NAME = 'token';

export function keptToken(): string {
  try {
    return sessionStorage.getItem(NAME) ?? '';
  } catch {
    return '';
  }
}

export function keepToken(token: string): void {
  try {
    sessionStorage.setItem(NAME, token);
  } catch { /* storage may be forbidden; then it is typed again */ }
}
