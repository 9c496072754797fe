// Before anything is painted: the theme that the reader chose, where one was chosen. app/theme.ts is the rest of it.
try {
  const chosen = localStorage.getItem('theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch { /* storage may be forbidden; then the system's theme it is */ }
