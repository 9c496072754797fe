// How to look at something in a browser.

/** Of `vlab serve`, where nothing else is said. */
export const PAGES_PORT = 7019;

/** `id`: of a job or an evaluation. */
export function pagesOf(id: string): string {
  return `pages: npx vlab serve, then http://127.0.0.1:${String(PAGES_PORT)}/${id.startsWith('j-') ? 'jobs' : 'evaluations'}/${id}`;
}
