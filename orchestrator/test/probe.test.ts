// The probe's own tests and a bounded fuzz of what reads its input, under AddressSanitizer and UndefinedBehaviorSanitizer, in the workshop that
// also builds it.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ImageListDocument } from '../src/contract/documents.ts';
import { CHECKOUT, TestLab, vlab } from './lab.ts';

test.each([
  { what: 'make check', target: 'check' },
  { what: 'make fuzz, for 15 seconds', target: 'FUZZ_SECONDS=15 fuzz' },
])('$what passes in the workshop, sanitizers and all', async ({ target }) => {
  await using lab = await TestLab.open();
  const { images } = ImageListDocument.parse(JSON.parse((await vlab(['image', 'list', '--json'])).stdout));
  const workshop = images.filter((one) => one.kind === 'workshop').sort((a, b) => b.builtAt.localeCompare(a.builtAt))[0];
  const lines: string[] = [];
  const exit = await lab.engine.run({
    image: workshop?.tag ?? '', purpose: 'probe-check', memoryMiB: 3072, pids: 256, workdir: '/tmp',
    binds: [{ from: join(CHECKOUT, 'guest-images/probe'), to: '/src' }],
    argv: ['sh', '-c', `cp -r /src /tmp/probe && make -j2 -C /tmp/probe BUILD=/tmp/out ${target}`],
  }, { onLine: (line) => { lines.push(line); } });
  expect(exit.how, lines.slice(-30).join('\n')).toBe('exit code 0');
});
