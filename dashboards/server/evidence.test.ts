import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { emptyFolder, runRecord } from '../../orchestrator/test/parts.ts';
import { aServer, type Own } from '../test/a-server.ts';

const RUN = 'r-0123456789';
const SECRET = '{"t":"hello","what":"of somebody else"}\n';

let own: Own;
let folder: string;
let elsewhere: string;

const at = (path: string): string => `/api/runs/${RUN}/${path}`;

beforeEach(async () => {
  own = await aServer();
  folder = join(own.home, 'runs', RUN);
  elsewhere = await emptyFolder();
  await mkdir(join(folder, 'frames'), { recursive: true });
  await writeFile(join(folder, 'run.json'), JSON.stringify(runRecord({ id: RUN })));
  await writeFile(join(elsewhere, 'secret.json'), SECRET);
});

test('what a run left is served as what it is, in a sandbox: a page that a guest wrote is no page of the lab', async () => {
  for (const [name, text, type] of [['console.log', '<script>alert(1)</script>', 'text/plain; charset=utf-8'], ['frames/a.png', 'a picture', 'image/png'], ['page.html', '<script>alert(1)</script>', 'application/octet-stream'], ['probe.ndjson', SECRET, 'application/x-ndjson']] as const) {
    await writeFile(join(folder, name), text);
    const { statusCode, headers, body } = await own.server.inject(at(`files/${name}`));
    expect([name, statusCode, body, headers['content-type'], headers['content-security-policy'], headers['x-content-type-options']]).toEqual([name, 200, text, type, 'sandbox; default-src \'none\'', 'nosniff']);
  }
  expect((await own.server.inject(at('probe-lines'))).headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'content-security-policy': 'sandbox; default-src \'none\'' });
});

test('a link in a run folder leads nowhere, whether it is the file or a folder above it', async () => {
  for (const name of ['console.log', 'probe.ndjson', 'frames/a.png']) await symlink(join(elsewhere, 'secret.json'), join(folder, name));
  await symlink(elsewhere, join(folder, 'below'));
  const names = ['console.log', 'probe.ndjson', 'frames/a.png', 'below/secret.json'];
  for (const path of [...names.map((name) => `files/${name}`), 'probe-lines']) {
    const { statusCode, body } = await own.server.inject(at(path));
    expect([path, statusCode, body]).toEqual([path, 404, expect.not.stringContaining('somebody else')]);
  }
  expect((await own.server.inject(`/api/runs/${RUN}`)).json<{ files: { name: string }[] }>().files.map((one) => one.name)).toEqual(['run.json']);
});

test.each(['console', 'probe'] as const)('a %s that is a link has no log to follow', async (log) => {
  await symlink(join(elsewhere, 'secret.json'), join(folder, { console: 'console.log', probe: 'probe.ndjson' }[log]));
  expect((await own.server.inject(at(`log/${log}`))).body).toBe('retry: 2000\n\nevent: end\ndata: {}\n\n');
});
