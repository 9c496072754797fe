// Frames as the probe told them; its file may be cut anywhere.
import { expect, test } from 'vitest';
import { passesIn } from './probe-frames.ts';

const LINES = [
  '{"t":"hello","version":1}',
  '{"t":"start","id":1,"pipeline":"upload"}',
  '{"t":"frame","id":1,"n":0,"memory":{"y":"aa","u":"bb"},"texels":{"y":"aa","u":"bb"},"us":{"decode":1500,"draw":500}}',
  '{"t":"frame","id":1,"n":1,"memory":{"y":"aa","u":"bb"},"texels":{"y":"aa","u":"xx"},"us":{"decode":1000}}',
  '{"t":"start","id":2,"pipeline":"edu-dma"}',
  '{"t":"start","id":3,"pipeline":"upload"}',
  '{"t":"frame","id":3,"n":0,"memory":{"y":"aa","uv":"bb"},"texels":{"y":"ab"},"us":null}',
  '{"t":"frame","id":9,"n":0}',
  '{"t":"frame","id":3,"n":1,"mem',
];

test('each pass has its frames, with their time and the planes in which memory and texels differ', () => {
  expect(passesIn(LINES.join('\n'))).toEqual([
    { pipeline: 'upload', frames: [{ n: 0, ms: 2, differs: [] }, { n: 1, ms: 1, differs: ['u'] }] },
    { pipeline: 'upload', frames: [{ n: 0, ms: 0, differs: ['y'] }] },
  ]);
});

test('nothing comes of nothing', () => {
  expect(passesIn('')).toEqual([]);
});
