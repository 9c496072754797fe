// The token with which this tab may say something. It is kept for as long as the tab is, and for no other.
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
