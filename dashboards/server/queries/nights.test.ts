// The newest night as the pages tell it: only what there is something to tell of, in words, and the newest by when it began.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EARLIER, NIGHT, nightCell, nightRecord } from '../../../orchestrator/test/night-parts.ts';
import { emptyFolder, RUN_ID } from '../../../orchestrator/test/parts.ts';
import { NightShown } from '../../api/shapes.ts';
import { beginNight, writeNight } from '../../../orchestrator/src/store/nights.ts';
import { newestNight, shownNight } from './nights.ts';

const SEEN = { night: EARLIER, at: '2026-03-01T02:00:00.000Z', run: RUN_ID };

test('new first, each with its words and its run, and nothing of what is as it was', () => {
  const shown = NightShown.parse(shownNight(nightRecord({ cells: [nightCell(), nightCell({ pipeline: 'dmabuf-copy', state: 'wrong', change: 'still', firstBad: SEEN, why: 'rows missing\nand more' }), nightCell({ pipeline: 'dmabuf-direct', state: 'wrong', change: 'new', firstBad: SEEN })] })));
  expect(shown.groups.map(({ kind, cells }) => [kind, cells.map((one) => one.what)])).toEqual([['new', ['6.12, trixie, virgl: dmabuf-direct of h264-faults']], ['still', ['6.12, trixie, virgl: dmabuf-copy of h264-faults']]]);
  expect(shown.groups[1]?.cells[0]).toMatchObject({ why: 'rows missing', run: RUN_ID, history: expect.stringContaining('first bad on 2026-03-01') as string });
  expect(shown.sentence).toContain('1 newly failing, 1 still failing; the lab is to be believed');
});

test('the newest sealed night is shown; one under way, one cut off and what is no night are passed over', async () => {
  const home = await emptyFolder();
  expect(await newestNight(home)).toBeNull();
  const begin = (id: string, startedAt: string): Promise<void> => beginNight(home, nightRecord({ id }).id, { startedAt, endsBy: '2026-03-09T00:00:00.000Z' });
  for (const [id, startedAt] of [[EARLIER, '2026-03-01T02:00:00.000Z'], [NIGHT, '2026-03-02T02:00:00.000Z']] as const) {
    await begin(id, startedAt);
    await writeNight(home, nightRecord({ id, startedAt }), {});
  }
  await begin('n-0000000003', '2026-03-03T02:00:00.000Z');
  await begin('n-0000000004', '2026-03-04T02:00:00.000Z');
  await writeFile(join(home, 'nights/n-0000000004/night.json'), '{"version":1');
  await mkdir(join(home, 'nights/..evil'), { recursive: true });
  expect((await newestNight(home))?.id).toBe(NIGHT);
  expect(await newestNight(home)).toBe(await newestNight(home));
  await begin('n-0000000005', '2026-03-05T02:00:00.000Z');
  await writeNight(home, nightRecord({ id: 'n-0000000005', startedAt: '2026-03-05T02:00:00.000Z' }), {});
  expect((await newestNight(home))?.id).toBe('n-0000000005');
});
