// How soon each page is there in Chromium, and how much it fetches until it has its data.
import { chromium, type Browser } from 'playwright-core';
import { pause } from '../../orchestrator/src/lib/within.ts';
import { evaluationId } from './evaluations.ts';
import type { Figures } from './figures.ts';
import { jobId, PICTURED, runId } from './generator.ts';
import { nightId } from './nights.ts';

/** Of each page, every time in a browser that has seen nothing yet. */
const VISITS = 3;
const MOST_WAITS = 500;
const PAGES: Readonly<Record<string, string>> = {
  'home': '/', 'runs': '/runs', 'run': `/runs/${runId(7)}`, 'frames': `/runs/${runId(PICTURED)}/frames`, 'two runs': `/compare?from=${runId(7)}&to=${runId(8)}`, 'job': `/jobs/${jobId(3)}`, 'night': `/nights/${nightId(3)}`,
  'evaluations': '/evaluations', 'evaluation': `/evaluations/${evaluationId(3)}`, 'series': '/series', 'one series': '/series/view?name=designs/upcast-resource-id',
  'trends': '/trends', 'alerts': '/alerts', 'workers': '/workers',
};
/** As text: it runs in the browser, whose types are not Node's. The only images of any page are those of wrong frames, and below them all frames are drawn from the probe's lines. */
const WHOLE = `[...document.images].every((one) => one.complete && one.naturalWidth > 0) && (document.images.length === 0 || document.querySelector('svg.strip') !== null)`;
const SEEN = `({
  pictures: document.images.length,
  paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
  bytes: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, one) => sum + (one.transferSize || 0), 0),
})`;

export async function timePaints(url: string): Promise<Figures> {
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  const figures: Figures = {};
  try {
    for (const [page, path] of Object.entries(PAGES)) {
      const visits = [];
      for (let n = 0; n < VISITS; n++) visits.push(await visit(browser, `${url}${path}`));
      figures[`${page}, first paint, worst ms`] = Math.max(...visits.map((one) => one.paint));
      figures[`${page}, kB over the wire`] = Math.max(...visits.map((one) => one.bytes)) / 1000;
      if ((page === 'frames') !== visits.every((one) => one.pictures > 0)) throw new Error(`${page}: Expected pictures of wrong frames there and nowhere else`);
    }
  } finally {
    await browser.close();
  }
  return figures;
}

type Visit = { pictures: number; paint: number; bytes: number };

async function visit(browser: Browser, address: string): Promise<Visit> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(address);
    await page.locator('main h1').first().waitFor();
    await page.locator('main .loading, main [aria-busy=true]').first().waitFor({ state: 'detached' });
    // Not waitForFunction: the pages' own policy forbids what it does.
    for (let waits = 0; !(await page.evaluate<boolean>(WHOLE)); waits++) {
      if (waits > MOST_WAITS) throw new Error(`${address}: its pictures did not come`);
      await pause(20);
    }
    return await page.evaluate<Visit>(SEEN);
  } finally {
    await context.close();
  }
}
