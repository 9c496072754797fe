// The probe's own tests, under AddressSanitizer and UndefinedBehaviorSanitizer, in the workshop that also builds it.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ImageListDocument } from '../src/contract/documents.ts';
import { CHECKOUT, TestLab, vlab } from './lab.ts';

test('make check passes in the workshop, sanitizers and all', async () => {
  await using lab = await TestLab.open();
  const { images } = ImageListDocument.parse(JSON.parse((await vlab(['image', 'list', '--json'])).stdout));
  const workshop = images.filter((one) => one.kind === 'workshop').sort((a, b) => b.builtAt.localeCompare(a.builtAt))[0];
  const lines: string[] = [];
  const exit = await lab.engine.run({
    image: workshop?.tag ?? '', purpose: 'probe-check', memoryMiB: 2048, pids: 256, workdir: '/tmp',
    binds: [{ from: join(CHECKOUT, 'guest-images/probe'), to: '/src' }],
    argv: ['sh', '-c', 'cp -r /src /tmp/probe && make -C /tmp/probe BUILD=/tmp/out check'],
  }, { onLine: (line) => { lines.push(line); } });
  expect(exit.how, lines.slice(-30).join('\n')).toBe('exit code 0');
});
