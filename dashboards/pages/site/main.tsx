// START HERE for a copy of the pages (vlab export site): the same views, but what they ask for lies beside the document. vite.site.config.ts says which modules
// of the pages are replaced by those of this folder.
import { render } from 'preact';
import { startRouter } from '../app/router.ts';
import { App } from '../views/app.tsx';
import '../style.css';
import { keepLinksWithin } from './links.ts';
import { openCopy } from './stored.ts';

async function main(): Promise<void> {
  const root = document.getElementById('app');
  if (root === null) return;
  if (!(await openCopy())) {
    root.textContent = 'This copy is not whole: its folder data is missing. Unpack all of it, then open index.html again.';
    return;
  }
  keepLinksWithin();
  startRouter();
  render(<App />, root);
}

void main();
