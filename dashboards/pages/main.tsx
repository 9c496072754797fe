// START HERE: the pages begin.
import { render } from 'preact';
import { watchHealth } from './app/health.ts';
import { startLive } from './app/live.ts';
import { startRouter } from './app/router.ts';
import { App } from './views/app.tsx';

startRouter();
watchHealth();
startLive();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
