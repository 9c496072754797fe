// Light, dark, or as the system has it. public/theme.js sets what was chosen before the first paint.
import { storeOf } from './store.ts';

export type Theme = 'system' | 'light' | 'dark';
const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const satisfies Record<Theme, Theme>;

export const theme = storeOf<Theme>(chosen());

export function nextTheme(): void {
  const next = NEXT[theme.get()];
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  try {
    if (next === 'system') localStorage.removeItem('theme');
    else localStorage.setItem('theme', next);
  } catch { /* storage may be forbidden; the choice then lasts as long as the page */ }
  theme.set(next);
}

function chosen(): Theme {
  const set = document.documentElement.dataset['theme'];
  return set === 'light' || set === 'dark' ? set : 'system';
}
