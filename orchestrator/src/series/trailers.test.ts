// What tools read in the text of a mail, and what only looks like it.
import { expect, test } from 'vitest';
import { basesIn, replyTrailers } from './trailers.ts';

test('a reply gives what it says by itself: not what it quotes, not what is below its signature, not what names nobody', () => {
  const text = ['> Signed-off-by: A <a@b.c>', 'Looks good.', 'Reviewed-by: R <r@x.org>', '  Tested-by: T <t@x.org> # on QEMU', 'Acked-by: nobody', 'Fixes: 0123456789ab ("x")', 'Link: https://x.org', '-- ', 'Nacked-by: N <n@x.org>'].join('\n');
  expect(replyTrailers(text)).toEqual([{ name: 'Reviewed-by', value: 'R <r@x.org>' }, { name: 'Tested-by', value: 'T <t@x.org> # on QEMU' }, { name: 'Fixes', value: '0123456789ab ("x")' }]);
});

test('a cover letter says base, change and what must come before it', () => {
  const text = 'Hello\n\nbase-commit: ADC218676eef25575469234709c2d87185ca223a\nchange-id: 20260101-foo-abc\nprerequisite-patch-id: 11\nprerequisite-change-id: x:v2\n> base-commit: ffffffff\n';
  expect(basesIn(text)).toEqual({ baseCommit: 'adc218676eef25575469234709c2d87185ca223a', changeId: '20260101-foo-abc', prerequisites: ['prerequisite-patch-id: 11', 'prerequisite-change-id: x:v2'] });
  expect(basesIn('base-commit: none of them\nquoted > base-commit: 0123456789')).toEqual({ baseCommit: null, changeId: null, prerequisites: [] });
});
