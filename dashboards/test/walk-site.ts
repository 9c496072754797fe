// A copy of the pages as somebody without a lab has it: opened from a disk, or from below some address of a web server. What is asked for beside the folder, said
// on the console, or thrown is a misdeed.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

export type Visit = { page: Page; misdeeds: string[]; open: (address: string) => Promise<void>; end: () => Promise<void> };

/** `root`: the address of index.html, without a #. */
export async function visit(browser: Browser, root: string, viewport: { width: number; height: number }): Promise<Visit> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const misdeeds: string[] = [];
  const within = new URL('.', root).href;
  page.on('request', (request) => { if (!request.url().startsWith(within)) misdeeds.push(`asked for ${request.url()}`); });
  page.on('requestfailed', (request) => { misdeeds.push(`not there: ${request.url()}`); });
  page.on('response', (response) => { if (response.status() >= 400) misdeeds.push(`${String(response.status())}: ${response.url()}`); });
  page.on('dialog', (dialog) => { misdeeds.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  page.on('pageerror', (error) => { misdeeds.push(`thrown: ${error.message}`); });
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') misdeeds.push(`console: ${message.text()}`); });
  return {
    page, misdeeds, end: () => context.close(),
    open: async (address) => {
      await page.goto(`${root}#${address}`);
      await page.locator('main h1').first().waitFor();
    },
  };
}

/** The simplest web server there is: files of one folder below /some/where/, each as what its name says, and nothing else. */
export async function serveFolder(folder: string): Promise<{ root: string; end: () => Promise<void> }> {
  const types: Record<string, string> = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', png: 'image/png', txt: 'text/plain', json: 'application/json', csv: 'text/csv' };
  const server = createServer((request, response) => {
    const path = /^\/some\/where\/([A-Za-z0-9][A-Za-z0-9._/-]*)$/.exec(request.url ?? '')?.[1] ?? '';
    readFile(join(folder, path)).then((content) => { response.writeHead(200, { 'content-type': types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream' }).end(content); }, () => { response.writeHead(404).end(); });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    root: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/some/where/index.html`,
    end: () => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }),
  };
}
