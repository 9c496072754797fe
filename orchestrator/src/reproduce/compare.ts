// A run as it was recorded beside the same run here: what of the outcome differs, which frames, what of the machine, and the figures. Pure.
import type { Difference, ReplayDocument } from '../contract/archive.ts';
import { PIPELINES } from '../contract/pipeline.ts';
import { ProbeLine, type FrameLine } from '../contract/probe.ts';
import type { PipelineResult, RunRecord } from '../contract/run.ts';
import { printable, table, wrap } from '../report/text.ts';

/** A run, what its probe said line by line, what was known of its machine, and QEMU's command line. */
export type Side = { record: RunRecord; probe: readonly string[]; machine: Readonly<Record<string, string>>; argv: readonly string[] };

export function compare(recorded: Side, here: Side): ReplayDocument {
  const outcome = differences(outcomeOf(recorded.record), outcomeOf(here.record));
  return {
    run: recorded.record.id, same: outcome.length === 0, outcome, frames: compareFrames(recorded, here),
    machine: [...differences(recorded.machine, here.machine), ...differences(options(recorded.argv), options(here.argv))],
    figures: everything(figuresOf(recorded.record), figuresOf(here.record)),
  };
}

type Facts = Readonly<Record<string, string>>;

/** What must be the same for the outcome to be: who is blamed at which stage, what became of each pass, what the kernel complained of. */
function outcomeOf({ outcome, pipelines, properties, console, exercise }: RunRecord): Facts {
  return {
    outcome: `${outcome.kind} at ${outcome.stage}`,
    ...Object.fromEntries(pipelines.map((one) => [passOf(one), [one.status, one.party ?? '', one.defect ?? ''].filter((word) => word !== '').join(', ')])),
    ...Object.fromEntries(properties.map((one) => [`property ${one.property}`, one.holds === null ? 'no answer' : one.holds ? 'holds' : 'does not hold'])),
    ...(exercise === null ? {} : { exercise: exercise.status }),
    console: [...new Set(console.map((finding) => finding.kind))].sort().join(', ') || 'nothing',
  };
}

function passOf({ pipeline, clip, fault }: PipelineResult): string {
  return [pipeline, 'on', clip, ...(fault === null ? [] : [`with ${fault}`])].join(' ');
}

function figuresOf({ readyMs, pipelines, calls }: RunRecord): Facts {
  const of = (one: PipelineResult): [string, string][] => [
    [`${passOf(one)}, frames wrong`, `${String(one.wrong)} of ${String(one.frames)}`],
    ...(one.fps === null ? [] : [[`${passOf(one)}, frames/s`, one.fps.toFixed(1)] satisfies [string, string]]),
    ...(one.time === null ? [] : [[`${passOf(one)}, frames/s measured`, one.time.fps.toFixed(1)] satisfies [string, string]]),
    ...(one.counters === null ? [] : [[`${passOf(one)}, commands per frame`, one.counters.commandsPerFrame.toFixed(2)] satisfies [string, string]]),
    ...(one.instructionsPerFrame === null ? [] : [[`${passOf(one)}, instructions per frame`, one.instructionsPerFrame.toFixed(0)] satisfies [string, string]]),
  ];
  return { 'ready, ms': readyMs === null ? 'never' : String(readyMs), ...Object.fromEntries([...pipelines.flatMap(of), ...calls.flatMap(ofCall)]) };
}

function ofCall({ call, us, instructions }: RunRecord['calls'][number]): [string, string][] {
  return [
    ...(us === null ? [] : [[`call ${call}, us`, us.p50.toFixed(1)] satisfies [string, string]]),
    ...(instructions === null ? [] : [[`call ${call}, instructions`, instructions.toFixed(0)] satisfies [string, string]]),
  ];
}

const ABSENT = 'absent';

function everything(recorded: Facts, here: Facts): Difference[] {
  return [...new Set([...Object.keys(recorded), ...Object.keys(here)])].map((what) => ({ what, recorded: recorded[what] ?? ABSENT, here: here[what] ?? ABSENT }));
}

function differences(recorded: Facts, here: Facts): Difference[] {
  return everything(recorded, here).filter((one) => one.recorded !== one.here);
}

/** QEMU's command line as option to values, the kernel's own words one by one. */
function options(argv: readonly string[]): Facts {
  const facts: Record<string, string> = {};
  for (const [index, word] of argv.entries()) {
    if (!word.startsWith('-')) continue;
    const value = argv[index + 1] ?? '';
    if (word !== '-append') facts[`QEMU ${word}`] = [facts[`QEMU ${word}`], value].filter((one) => one !== undefined).join(' ');
    else for (const one of value.split(' ')) facts[`kernel argument ${one.split('=')[0] ?? ''}`] = one;
  }
  return facts;
}

type Frame = { pass: string; line: FrameLine };

function compareFrames(recorded: Side, here: Side): ReplayDocument['frames'] {
  const mine = framesOf(here);
  let compared = 0;
  let same = 0;
  let firstOther: string | null = null;
  for (const [key, { pass, line }] of framesOf(recorded)) {
    const other = mine.get(key)?.line;
    if (other === undefined) continue;
    compared++;
    const differing = (['memory', 'texels'] as const).flatMap((what) => Object.entries(line[what]).filter(([plane, hash]) => other[what][plane as keyof typeof other.memory] !== hash).map(([plane]) => `${plane} ${what === 'memory' ? 'in memory' : 'as texels'}`));
    if (line.rgb !== other.rgb) differing.push('RGB');
    if (differing.length === 0) same++;
    else firstOther ??= `${pass}, frame ${String(line.n)}: ${differing.join(', ')}`;
  }
  return { compared, same, firstOther };
}

/** By the id of the pass and the frame's number. Which pass it is stands in its `start` line; a camera sees another picture each time. */
function framesOf({ probe }: Side): Map<string, Frame> {
  const passes = new Map<number, string>();
  const frames = new Map<string, Frame>();
  for (const text of probe) {
    const line = parsed(text);
    if (line?.t === 'start') passes.set(line.id, line.pipeline);
    if (line?.t !== 'frame') continue;
    const pass = passes.get(line.id) ?? '';
    if (Object.hasOwn(PIPELINES, pass) && PIPELINES[pass as keyof typeof PIPELINES].source === 'camera') continue;
    frames.set(`${String(line.id)} ${String(line.n)}`, { pass, line });
  }
  return frames;
}

function parsed(text: string): ProbeLine | undefined {
  try {
    return ProbeLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Every text in it is from an archive or a guest: none of it may drive the terminal. */
export function replayText(document: ReplayDocument, recorded: RunRecord, here: RunRecord): string {
  const { frames } = document;
  const rows = (list: readonly Difference[]): string => table([['', 'recorded', 'here'], ...list.map((one) => [one.what, one.recorded, one.here].map((word) => short(printable(word))))], 140);
  const why = (record: RunRecord): string => `${record.outcome.kind} at ${record.outcome.stage}: ${wrap(printable(record.outcome.why.split('\n')[0] ?? ''), 100, '           ')}`;
  return [
    `run        ${recorded.id}: ${printable(recorded.base)}${recorded.series === null ? '' : ` + ${printable(recorded.series)}`}, ${recorded.flavour}, device ${recorded.device}`,
    `recorded   ${why(recorded)}`, `here       ${why(here)}`, `evidence   recorded/ and out/runs/${here.id}/`, '',
    `frames     ${String(frames.same)} of ${String(frames.compared)} have the recorded hashes${frames.firstOther === null ? '' : `; the first other: ${printable(frames.firstOther)}`}`, '',
    ...(document.machine.length === 0 ? ['The machine is as it was: nothing that is looked at differs.'] : ['What differs here:', rows(document.machine)]), '',
    'Figures of one boot each, which prove nothing:', rows(document.figures), '',
    ...(document.outcome.length === 0 ? [] : ['What of the outcome differs:', rows(document.outcome), '']),
    lastWord(document, here),
  ].join('\n');
}

function lastWord({ same }: ReplayDocument, { outcome }: RunRecord): string {
  if (same) return 'SAME OUTCOME as recorded';
  return outcome.kind === 'broken' || outcome.kind === 'cancelled' ? `NOT TOLD: the run here is ${outcome.kind}, which says nothing of the kernel` : 'OTHER OUTCOME than recorded';
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
