// A job file that is wrong costs a person one look: the message has the file, the line and the word that was meant.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKOUT, emptyFolder, rejection } from '../../test/parts.ts';
import { PaintedClip } from '../contract/job.ts';
import { LabError } from '../lib/lab-error.ts';
import { namesIn } from '../lib/files.ts';
import { readPlan } from '../night/read-plan.ts';
import { readCatalogue, type Catalogue } from './catalogue.ts';
import { parseJob, readJobFile } from './read-job.ts';

const CATALOGUE: Catalogue = {
  bases: { '6.12': { package: 'linux-source-6.12', suite: 'trixie' }, mainline: { git: '/linux.git', ref: 'v6.12' } },
  clips: {
    'h264-640x360': PaintedClip.parse({ codec: 'h264', width: 640, height: 360, frames: 60 }),
    'fwht-640x360': PaintedClip.parse({ codec: 'fwht', width: 640, height: 360, frames: 30 }),
  },
  series: ['designs/upcast-resource-id', 'mutants/short-transfer', 'mutants/boot-hang'],
  drivers: ['vlab-importer'],
  images: ['trixie'],
  stacks: ['trixie', 'sid'],
};

const GOOD = [
  'title: a look', // 1
  'kernels:', // 2
  "  - base: '6.12'", // 3
  '  - series: mutants/short-transfer', // 4
  "    base: '6.12'", // 5
  '    expect: failed', // 6
  'device: virgl', // 7
  'pipelines:', // 8
  '  - upload', // 9
  '  - dmabuf-copy', // 10
  'clip: h264-640x360', // 11
];

describe('the job files of this checkout', async () => {
  const files = (await namesIn(join(CHECKOUT, 'jobs'))).filter((name) => name.endsWith('.yaml'));

  test('are there', () => { expect(files).toContain('first-look.yaml'); });

  test.each(files)('%s is a job, or the plan of a night, that names only what is here', async (file) => {
    const path = join(CHECKOUT, 'jobs', file);
    if (/^profiles:/m.test(await readFile(path, 'utf8'))) {
      expect(Object.keys((await readPlan(path, await readCatalogue(CHECKOUT))).profiles)).not.toEqual([]);
      return;
    }
    const job = await readJobFile(path, await readCatalogue(CHECKOUT));
    expect(job.kernels.length * job.pipelines.length).toBeGreaterThan(0);
  });
});

test('what a job file does not say is filled in', () => {
  const job = parseJob("title: t\nkernels: [{ base: '6.12' }]\npipelines: [upload]\nclip: h264-640x360\n", 'a.yaml', CATALOGUE);
  expect(job).toEqual({
    title: 't', kernels: [{ base: '6.12', expect: 'passed' }], pipelines: ['upload'], clip: 'h264-640x360',
    flavour: 'perf', drivers: [], image: 'trixie', stack: 'trixie', device: 'virgl', measure: [], properties: [], faults: [],
  });
});

test('a series may be a source instead of a name; names win, and a source that is not there is told by its line', () => {
  const withSeries = (name: string): string => GOOD.join('\n').replace('mutants/short-transfer', name);
  const at = (given: string): 'there' | 'missing' | undefined => (given === './thread.mbox' ? 'there' : given.startsWith('./') ? 'missing' : undefined);
  expect(parseJob(withSeries('./thread.mbox'), 'a.yaml', CATALOGUE, at).kernels[1]?.series).toBe('./thread.mbox');
  expect(parseJob(withSeries('mutants/boot-hang'), 'a.yaml', CATALOGUE, () => 'missing').kernels[1]?.series).toBe('mutants/boot-hang');
  expect(() => parseJob(withSeries('./thraed.mbox'), 'a.yaml', CATALOGUE, at)).toThrow('a.yaml:4: Expected a series at "./thraed.mbox", found nothing');
  expect(() => parseJob(withSeries('mutants/boot-hnag'), 'a.yaml', CATALOGUE, at)).toThrow('did you mean "mutants/boot-hang"?');
});

test('the good file that the bad ones below are made of is good', () => {
  expect(parseJob(GOOD.join('\n'), 'a.yaml', CATALOGUE).kernels).toHaveLength(2);
});

test.each([
  { wrong: 'a key', line: 7, text: 'devcie: virgl', says: 'unknown key "devcie"; did you mean "device"?' },
  { wrong: 'a key of a kernel', line: 6, text: '    expects: failed', says: 'unknown key "expects" in kernels.1; did you mean "expect"? Known: base, version, series, patches, flavour, expect.' },
  { wrong: 'a key far from every other', line: 7, text: 'repetitions: 3', says: 'unknown key "repetitions"; the nearest is "' },
  { wrong: 'a base', line: 5, text: "    base: '6.11'", says: 'unknown base "6.11"; did you mean "6.12"? Known: 6.12, mainline.' },
  { wrong: 'a series', line: 4, text: '  - series: mutants/short-transfers', says: 'unknown series "mutants/short-transfers"; did you mean "mutants/short-transfer"?' },
  { wrong: 'a pipeline', line: 10, text: '  - dmabuf-cpoy', says: 'unknown pipeline "dmabuf-cpoy"; did you mean "dmabuf-copy"?' },
  { wrong: 'a measure', line: 7, text: 'measure: [tiem]', says: 'unknown measure "tiem"; did you mean "time"? Known: time, counters, instructions.' },
  { wrong: 'a fault', line: 7, text: 'faults: [wrong-strides]', says: 'unknown fault "wrong-strides"; did you mean "wrong-stride"?' },
  { wrong: 'a measure without its list', line: 7, text: 'measure: time', says: '"measure": Invalid input: expected array, received string' },
  { wrong: 'a measure that is there twice', line: 7, text: 'measure: [time, time]', says: '"measure": Expected each measure once' },
  { wrong: 'a property', line: 7, text: 'properties: [dma-contg]', says: 'unknown property "dma-contg"; did you mean "dma-contig"?' },
  { wrong: 'a property for which the job has no device', line: 7, text: 'properties: [id, namespace]', says: 'property namespace wants device virgl-two-gpus, and this job has virgl' },
  { wrong: 'a device beside its list', line: 7, text: 'devices: [virgl, virgl]', says: '"devices": Expected each device once' },
  { wrong: 'a clip', line: 11, text: 'clip: h264-640x350', says: 'unknown clip "h264-640x350"; did you mean "h264-640x360"?' },
  { wrong: 'a device', line: 7, text: 'device: vigl', says: 'unknown device "vigl"; did you mean "virgl"? Known: virgl, virgl-blob, venus, 2d, 2d-blob, virgl-iommu, virgl-blob-iommu, 2d-iommu, virgl-two-gpus.' },
  { wrong: 'an expectation', line: 6, text: '    expect: fail', says: 'unknown expect "fail"; did you mean "failed"? Known: passed, failed, rejected.' },
  { wrong: 'a flavour', line: 7, text: 'flavour: debugg', says: 'unknown flavour "debugg"; did you mean "debug"?' },
  { wrong: 'a kernel\'s own flavour', line: 5, text: "    base: '6.12'\n    flavour: debugg", says: 'unknown flavour "debugg"; did you mean "debug"?', at: 6 },
  { wrong: 'a driver', line: 7, text: 'drivers: [vlab-import]', says: 'unknown driver "vlab-import"; did you mean "vlab-importer"?' },
  { wrong: 'a stack', line: 7, text: 'stack: std', says: 'unknown stack "std"; did you mean "sid"? Known: trixie, sid.' },
  { wrong: 'an image', line: 7, text: 'image: bookworm', says: 'unknown image "bookworm"; the nearest is "trixie". Known: trixie.' },
  { wrong: 'an unquoted base, which YAML reads as a number', line: 5, text: '    base: 6.12', says: '"kernels.1.base": Invalid input: expected string, received number' },
  { wrong: 'a name out of JavaScript', line: 5, text: '    base: constructor', says: 'unknown base "constructor"' },
  { wrong: 'a map where a word belongs', line: 7, text: 'device: { is: virgl }', says: 'unknown device ' },
])('$wrong that is wrong is told with file, line and the nearest word', ({ line, text, says, at = line }: { line: number; text: string; says: string; at?: number }) => {
  const file = GOOD.map((good, index) => (index === line - 1 ? text : good)).join('\n');
  expect(refusal(file)).toMatch(startingWith(`soak.yaml:${String(at)}: ${says}`));
});

describe('clips', () => {
  const job = (text: string): ReturnType<typeof parseJob> => parseJob(`title: t\nkernels: [{ base: '6.12' }]\n${text}`, 'soak.yaml', CATALOGUE);
  const refused = (text: string): string => refusal(`title: t\nkernels: [{ base: '6.12' }]\n${text}`);

  test('may be several, by name or as files of one\'s own', () => {
    expect(job('pipelines: [upload, v4l2-upload]\nclips: [h264-640x360, fwht-640x360, { file: a.mp4 }, { file: b.mkv, format: P010 }]').clips).toEqual([
      'h264-640x360', 'fwht-640x360', { file: 'a.mp4', format: 'I420' }, { file: 'b.mkv', format: 'P010' },
    ]);
    expect(job('pipelines: [upload]\nclip: { file: a.mp4 }').clip).toEqual({ file: 'a.mp4', format: 'I420' });
  });

  test('a file is looked for beside the job, wherever the asker stands; one with a whole path where it says', async () => {
    const folder = await emptyFolder();
    const text = "title: t\nkernels: [{ base: '6.12' }]\npipelines: [upload]\n";
    await writeFile(join(folder, 'one.yaml'), `${text}clip: { file: films/a.mp4 }`);
    await writeFile(join(folder, 'many.yaml'), `${text}clips: [{ file: ../a.mp4 }, h264-640x360, { file: /films/b.mkv }]`);
    expect((await readJobFile(join(folder, 'one.yaml'), CATALOGUE)).clip).toMatchObject({ file: join(folder, 'films/a.mp4') });
    expect((await readJobFile(join(folder, 'many.yaml'), CATALOGUE)).clips).toMatchObject([{ file: join(folder, '../a.mp4') }, 'h264-640x360', { file: '/films/b.mkv' }]);
  });

  test('one that is not known is told by its own line', () => {
    expect(refused('pipelines: [upload]\nclips:\n  - h264-640x360\n  - fwht-640x306\n')).toMatch(startingWith('soak.yaml:6: unknown clip "fwht-640x306"; did you mean "fwht-640x360"?'));
  });

  test('are given once: clip and clips exclude each other', () => {
    expect(refused('pipelines: [upload]\nclip: h264-640x360\nclips: [h264-640x360]')).toBe('soak.yaml:5: Expected clip or clips, got both');
  });

  test.each([
    { name: 'a file without a name', text: 'clip: { file: "" }', says: '"clip.file": ' },
    { name: 'a file in a format that nobody samples', text: 'clip: { file: a.mp4, format: NV21 }', says: 'unknown format "NV21"; did you mean "NV12"? Known: I420, NV12, P010, XRGB8888.' },
    { name: 'a key that files do not have', text: 'clip: { file: a.mp4, codec: h264 }', says: 'unknown key "codec" in clip; ' },
    { name: 'the same in a list', text: 'clips: [h264-640x360, { flie: a.mp4 }]', says: '"clips.1.file": Invalid input: expected string, received undefined' },
    { name: 'an MD5 that is none', text: 'clip: { file: a.mp4, md5: abc }', says: '"clip.md5": ' },
    { name: 'a number', text: 'clip: 5', says: '"clip": Expected the name of a clip, or { file: PATH }' },
    { name: 'a list where one belongs', text: 'clip: [h264-640x360]', says: '"clip": ' },
  ])('$name is no clip, and what is wrong with it is told with its line', ({ text, says }) => {
    expect(refused(`pipelines: [upload]\n${text}`)).toMatch(startingWith(`soak.yaml:4: ${says}`));
  });

  test('an empty list of clips is not a way to say that there is none', () => {
    expect(refused('pipelines: [upload]\nclips: []')).toMatch(/^soak\.yaml:4: "clips": /);
  });

  test('a camera needs none', () => {
    expect(job('pipelines: [capture-dmabuf]')).not.toHaveProperty('clip');
    expect(job('pipelines: [capture-dmabuf, upload]\nclip: h264-640x360').pipelines).toHaveLength(2);
  });

  test('a pipeline that needs one and has none is told, with what to write', () => {
    expect(refused('pipelines: [capture-dmabuf, upload]')).toBe('soak.yaml:1: "clip": pipeline upload needs one; Expected clip or clips, got neither');
  });

  test.each([
    { pipeline: 'v4l2-dmabuf', clip: 'h264-640x360', says: 'soak.yaml:5: pipeline v4l2-dmabuf wants a clip of codec fwht, such as fwht-640x360, and this job has none' },
    { pipeline: 'v4l2-upload', clip: '{ file: a.mp4 }', says: 'soak.yaml:5: pipeline v4l2-upload wants a clip of codec fwht, such as fwht-640x360, and this job has none' },
    { pipeline: 'dmabuf-copy', clip: 'fwht-640x360', says: 'soak.yaml:5: pipeline dmabuf-copy wants a clip of another codec than fwht, such as h264-640x360, and this job has none' },
  ])('pipeline $pipeline, which can decode nothing of $clip, is told at its own line', ({ pipeline, clip, says }) => {
    expect(refused(`pipelines:\n  - capture-dmabuf\n  - ${pipeline}\nclip: ${clip}`)).toBe(says);
  });

  test('one clip that a pipeline can decode is enough, whatever the others are', () => {
    expect(job('pipelines: [upload, v4l2-upload]\nclips: [h264-640x360, fwht-640x360]').pipelines).toEqual(['upload', 'v4l2-upload']);
    expect(job('pipelines: [upload]\nclips: [fwht-640x360, { file: a.mp4 }]').pipelines).toEqual(['upload']);
  });
});

test('a pipeline that is there twice is told at its list', () => {
  expect(refusal(GOOD.join('\n').replace('dmabuf-copy', 'upload'))).toBe('soak.yaml:8: "pipelines": Expected each pipeline once');
});

test('measures and faults are kept as they are asked for, in order', () => {
  const job = parseJob(`${GOOD.join('\n')}\nmeasure: [instructions, time]\nfaults: [mirror-y, no-transfer]\n`, 'a.yaml', CATALOGUE);
  expect([job.measure, job.faults]).toEqual([['instructions', 'time'], ['mirror-y', 'no-transfer']]);
});

test('a line is right in a file with Windows line ends and comments too', () => {
  expect(refusal(`# why\r\n\r\n${GOOD.join('\r\n').replace('virgl', 'vigl')}`)).toMatch(startingWith('soak.yaml:9: unknown device "vigl"'));
});

test('what is missing is told at the place that lacks it', () => {
  expect(refusal(GOOD.filter((line) => !line.startsWith('clip')).join('\n'))).toMatch(startingWith('soak.yaml:1: "clip": '));
  expect(refusal(GOOD.filter((line) => !line.includes('base: ')).join('\n').replace('kernels:\n', 'kernels:\n  - {}\n'))).toMatch(startingWith('soak.yaml:3: "kernels.0.base": '));
});

test.each([
  { name: 'an open quote', text: "title: 'a look\nclip: x\n", line: /^soak\.yaml:\d+: not YAML: Missing closing/ },
  { name: 'a key that is there twice', text: `${GOOD.join('\n')}\ndevice: 2d\n`, line: /^soak\.yaml:12: not YAML: Map keys must be unique/ },
  { name: 'a tab', text: 'title: t\nkernels:\n\t- base: x\n', line: /^soak\.yaml:3: not YAML: / },
  { name: 'two documents in one file', text: `${GOOD.join('\n')}\n---\n${GOOD.join('\n')}\n`, line: /^soak\.yaml:\d+: not YAML: Source contains multiple documents/ },
  { name: 'bytes of some other format', text: '\u0000\u0001ELF\u0002', line: /^soak\.yaml:1: / },
  { name: 'nothing', text: '', line: /^soak\.yaml:1: the file: / },
  { name: 'a list', text: '- a\n- b\n', line: /^soak\.yaml:1: the file: / },
  { name: 'a sentence', text: 'please test my patch', line: /^soak\.yaml:1: the file: / },
])('a file of $name is refused with its line', ({ text, line }) => {
  expect(refusal(text)).toMatch(line);
});

test('an alias bomb is refused instead of filling the memory', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]', ...'bcdefghi'.split('').map((name, index) => {
    const before = 'abcdefgh'[index] ?? '';
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}]`;
  })];
  expect(refusal([...bomb, ...GOOD].join('\n'))).toMatch(/^soak\.yaml:\d+: not YAML: .*alias/);
});

test('an alias without an anchor is refused by its name', () => {
  expect(refusal(GOOD.join('\n').replace('virgl', '*none'))).toMatch(/^soak\.yaml:\d+: .*Unresolved alias.*none/);
});

test('aliases that people use are resolved', () => {
  const text = "title: t\nkernels: [{ base: &base '6.12' }, { base: *base, series: mutants/boot-hang }]\npipelines: [upload]\nclip: h264-640x360\n";
  expect(parseJob(text, 'a.yaml', CATALOGUE).kernels[1]?.base).toBe('6.12');
});

test('a file that is too big is refused by its size, before anyone reads it as YAML', () => {
  expect(refusal(`${GOOD.join('\n')}\n#${'x'.repeat(1024 * 1024)}`)).toMatch(/^soak\.yaml:1: Expected at most 1048576 characters, got 10\d{5}/);
});

test('a prototype cannot be reached by a key', () => {
  expect(refusal(`${GOOD.join('\n')}\n__proto__: { admin: true }\n`)).toMatch(startingWith('soak.yaml:12: unknown key "__proto__"'));
});

test('a file that is not there is the asker\'s mistake, with a way to find the right one', async () => {
  const path = join(await emptyFolder(), 'none.yaml');
  expect(await rejection(readJobFile(path, CATALOGUE))).toMatchObject({ code: 'NO_JOB', blame: 'request', hint: 'ls jobs/', message: `Expected a job file at ${path}, found none` });
});

test('a folder is not a job file, and that is the asker\'s mistake too', async () => {
  const folder = join(await emptyFolder(), 'jobs');
  await mkdir(folder);
  expect(await rejection(readJobFile(folder, CATALOGUE))).toMatchObject({ blame: 'request' });
});

test('a message names the file as the asker knows it, without its folder', async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'mine.yaml'), GOOD.join('\n').replace('virgl', 'vigl'));
  expect(await rejection(readJobFile(join(folder, 'mine.yaml'), CATALOGUE))).toMatchObject({ message: expect.stringMatching(/^mine\.yaml:7: /) as string });
});

/** The message with which a text is refused; blames the request. */
function refusal(text: string): string {
  try {
    parseJob(text, 'soak.yaml', CATALOGUE);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    expect(error).toMatchObject({ code: 'BAD_JOB', blame: 'request', stage: 'request' });
    return error.message;
  }
  throw new Error('Expected the text to be refused, it was taken');
}

function startingWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}
