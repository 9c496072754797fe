// A control's lines, through a stub of the container engine: it stands in for a probe that dies, says nothing or says nonsense. That a real
// container runs the real probe is seen by the tests on real parts.
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder, frameLine, passClip } from '../../test/parts.ts';
import { ProbeCommand, type ProbeLine } from '../contract/probe.ts';
import { Config } from '../lib/config.ts';
import type { ContainerSpec, Engine, Exit, OnLine } from '../lib/container.ts';
import { namesIn } from '../lib/files.ts';
import { Control, CONTROL_CLIP, type ControlPlan } from './control.ts';
import { commandOf } from './passes.ts';

const COMMAND = commandOf({ pipeline: 'native-upload', clip: passClip(), fault: null }, 1, 'check', CONTROL_CLIP);
const END: ProbeLine = { t: 'end', id: 1, status: 'done', frames: 1 };

test('runs the probe over the clip in a container of the stack, which cannot write to anything of the host', async () => {
  const played = await play({ kind: 'vtest' });
  const [spec] = played.specs;
  expect(spec).toMatchObject({ image: 'vlab/stack-trixie', purpose: 'control', readOnly: true, argv: ['start-control', 'vtest', '/vlab/pipeline', '/vlab/command'] });
  expect(spec?.network ?? 'none').toBe('none');
  expect(spec?.binds).toMatchObject([{ from: '/images/pipeline', to: '/vlab/pipeline' }, { from: '/clips/clip.mkv', to: CONTROL_CLIP }, { to: '/vlab/command' }]);
  expect(spec?.binds?.some((bind) => bind.write)).toBe(false);
});

test('the command lies in a file that the container reads, as the contract has it, on one line', async () => {
  const played = await play();
  const text = await readFile(played.specs[0]?.binds?.find((bind) => bind.to === '/vlab/command')?.from ?? '', 'utf8');
  expect(text).toMatch(/^[^\n]+\n$/);
  expect(ProbeCommand.parse(JSON.parse(text))).toEqual(COMMAND);
});

test('takes the probe\'s lines from its standard output, whatever is said beside them', async () => {
  const played = await play();
  played.out('stdout', JSON.stringify({ ...frameLine(0), more: true }));
  for (const noise of ['', 'not JSON', '[1, 2]', 'null', '{"t":"unheard of"}', '{"t":"frame","id":1,"n":-1}', JSON.stringify(END).slice(0, 20)]) played.out('stdout', noise);
  played.out('stderr', JSON.stringify(END));
  expect(played.heard).toEqual([frameLine(0)]);
});

test('every line goes to the log as it came, of both outputs', async () => {
  const played = await play();
  played.out('stderr', 'libEGL warning: no DRI2');
  played.out('stdout', 'not JSON');
  expect(played.logged).toEqual(['libEGL warning: no DRI2', 'not JSON']);
});

test('when the container is gone the leaks are told, after the end', async () => {
  const played = await play();
  played.out('stdout', JSON.stringify(END));
  expect(played.heard).toEqual([END]);
  await played.exit({ code: 0, how: 'exit code 0' });
  expect(played.heard).toEqual([END, { t: 'leaks', id: 1, fds: 0, dmabufs: 0 }]);
});

test('a probe that ends without an end line is told to have, with how it ended and its last words', async () => {
  const played = await play();
  played.out('stderr', 'start-control: this stack has no virgl_test_server');
  await played.exit({ code: 71, how: 'exit code 71' });
  expect(played.heard).toMatchObject([
    { t: 'end', id: 1, frames: -1, why: expect.stringMatching(/exit code 71: start-control: this stack has no virgl_test_server$/) as string }, { t: 'leaks', id: 1 },
  ]);
});

test('an end line of the check does not stand for one of the measuring pass that follows', async () => {
  const played = await play();
  played.out('stdout', JSON.stringify(END));
  await played.exit({ code: 0, how: 'exit code 0' });
  played.control.send({ ...COMMAND, id: 2, mode: 'measure', golden: [], maxWrongFrames: 0 });
  await played.started(2);
  await played.exit({ code: 139, how: 'killed by signal 11' });
  expect(played.heard.filter((line) => line.t === 'end')).toMatchObject([{ id: 1, status: 'done' }, { id: 2, why: expect.stringContaining('killed by signal 11') as string }]);
});

test('an engine that starts no container ends the wait, with its own reason', async () => {
  const refusal = new Error('no such image');
  const played = await play({}, () => Promise.reject(refusal));
  expect(played.control.dead.aborted).toBe(true);
  expect(played.control.dead.reason).toBe(refusal);
});

test('a control that falls silent is the lab\'s, and its last lines are the evidence', async () => {
  const played = await play();
  for (let line = 0; line < 30; line++) played.out('stderr', `line ${String(line)}`);
  const error = await played.control.blameSilence('pipeline native-upload went silent for 40 s');
  expect(error).toMatchObject({ blame: 'lab', stage: 'pipeline', message: expect.stringContaining('went silent for 40 s') as string });
  expect(error.evidence?.split('\n')).toEqual(Array.from({ length: 10 }, (_, index) => `line ${String(20 + index)}`));
});

test('nobody is heard any more once nobody listens', async () => {
  const played = await play();
  played.stopListening();
  played.out('stdout', JSON.stringify(END));
  expect(played.heard).toEqual([]);
});

test('CPU seconds are its container\'s, and none before there is one', async () => {
  const played = await play();
  expect(await played.control.cpuSeconds()).toBe(1.5);
  const unused = new Control(played.plan, played.making);
  expect(await unused.cpuSeconds()).toBeNull();
});

test('its end stops the container and takes the command away', async () => {
  const played = await play();
  expect(await namesIn(played.home)).toHaveLength(1);
  await played.control[Symbol.asyncDispose]();
  expect(played.stopped).toEqual([1]);
  expect(await namesIn(played.home)).toEqual([]);
});

test('a run that is told to stop stops its control', async () => {
  const caller = new AbortController();
  const played = await play({}, undefined, caller.signal);
  caller.abort(new Error('cancelled'));
  expect(played.stopped).toEqual([1]);
});

type Played = {
  control: Control; plan: ControlPlan; making: ConstructorParameters<typeof Control>[1]; home: string; specs: ContainerSpec[]; heard: ProbeLine[]; logged: string[]; stopped: number[];
  out: (from: 'stdout' | 'stderr', text: string) => void; exit: (how: Exit) => Promise<void>; started: (count: number) => Promise<void>; stopListening: () => void;
};

/** A control that has been asked, and whose container has been started, unless `refuse` says why not. */
async function play(change: Partial<ControlPlan> = {}, refuse?: () => Promise<never>, signal = new AbortController().signal): Promise<Played> {
  const home = await emptyFolder();
  const [specs, heard, logged, stopped]: [ContainerSpec[], ProbeLine[], string[], number[]] = [[], [], [], []];
  let out: OnLine = () => undefined;
  let leave: (how: Exit) => void = () => undefined;
  const engine: Pick<Engine, 'start' | 'cpuSeconds'> = {
    start: (spec, onLine) => {
      specs.push(spec);
      if (refuse !== undefined) return refuse();
      out = onLine ?? out;
      const number = specs.length;
      return Promise.resolve({
        id: 'c', exited: new Promise<Exit>((resolve) => { leave = resolve; }), kill: () => Promise.resolve(), commit: () => Promise.resolve(), remove: () => Promise.resolve(),
        stop: () => {
          stopped.push(number);
          return Promise.resolve();
        },
      });
    },
    cpuSeconds: () => Promise.resolve(1.5),
  };
  const making = { lab: { config: Config.parse({ home, checkout: '/checkout' }), engine: engine as Engine }, signal, progress: () => undefined };
  const plan: ControlPlan = { kind: 'native', stackTag: 'vlab/stack-trixie', program: '/images/pipeline', clip: '/clips/clip.mkv', onLine: (text) => { logged.push(text); }, ...change };
  const control = new Control(plan, making);
  onTestFinished(() => control[Symbol.asyncDispose]());
  const stopListening = control.listen((line) => { heard.push(line); });
  const started = (count: number): Promise<void> => expect.poll(() => specs.length).toBe(count);
  control.send(COMMAND);
  await started(1);
  await settled();
  return {
    control, plan, making, home, specs, heard, logged, stopped, started, stopListening, out: (from, text) => { out(text, from); },
    exit: async (how) => {
      leave(how);
      await settled();
    },
  };
}

/** Lets what is due happen. */
async function settled(): Promise<void> {
  await new Promise((resolve) => { setImmediate(resolve); });
}
