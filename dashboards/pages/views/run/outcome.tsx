// What a run came to, in a sentence, and who is to blame for it; then what it was.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { sayOutcome, TO_BLAME } from '../../format/words.ts';
import { duration } from '../../format/time.ts';
import { iconOfStatus } from '../../parts/badge.tsx';
import { Facts } from '../../parts/frame.tsx';
import { Icon } from '../../parts/icon.tsx';
import { JobId, SeriesName, Text } from '../../parts/ids.tsx';
import { Moment } from '../../parts/when.tsx';

type Record = NonNullable<RunDetail['record']>;

export function RunOutcome({ record }: { record: Record }): VNode {
  const { outcome, expect, asExpected, lostBoot } = record;
  return (
    <>
      <div class={`outcome s-${outcome.kind} ${asExpected ? 'expected' : 'surprise'}`}>
        <p><strong><Icon name={iconOfStatus(outcome.kind)} />{sayOutcome(outcome.kind, expect, asExpected)}</strong> at stage {outcome.stage}. {TO_BLAME[outcome.kind]}</p>
        <p class="theirs"><Text text={outcome.why} /></p>
        {lostBoot === null ? null : <p>A first boot was lost, and the guest was booted again: <Text text={lostBoot} /></p>}
      </div>
      <Facts rows={rowsOf(record)} />
    </>
  );
}

function rowsOf(record: Record): (readonly [string, VNode | string])[] {
  const { title, job, base, series, flavour, kernel, image, stack, device, measure, accelerator, display, renderer, readyMs, guestCpuSeconds, conditions, attempt, drivers, claim, kmemleakScans } = record;
  return [
    ['title', <Text key="t" text={title} />],
    ['job', <JobId key="j" id={job} />],
    ['kernel', <span key="k">{base}{kernel === null ? '' : ` (${kernel.version})`}, {flavour}</span>],
    ['series', series === null ? 'none: the base as it is' : <SeriesName key="s" name={series} />],
    ...(claim === null ? [] : [['its claim', <Text key="c" text={sayClaim(claim)} />] as const]),
    ['device', device], ['stack, image', `${stack}, ${image}`], ['measures', measure ?? 'nothing: it checks'],
    ...(drivers.length === 0 ? [] : [['drivers', drivers.join(', ')] as const]),
    ['accelerator, display', `${accelerator ?? 'none'}, ${display ?? 'none'}`],
    ['renderer', <Text key="r" text={renderer ?? 'none'} />],
    ['ready after', readyMs === null ? 'never' : duration(readyMs)],
    ['guest CPU', guestCpuSeconds === null ? 'not known' : `${guestCpuSeconds.toFixed(1)} s`],
    ...(conditions === null ? [] : [['host CPUs', `${conditions.cpus} (${String(conditions.cores)} cores), LP_NUM_THREADS ${conditions.lpNumThreads}`] as const]),
    ...(kmemleakScans === null ? [] : [['kmemleak scans', String(kmemleakScans)] as const]),
    ...(attempt === 1 ? [] : [['attempt', String(attempt)] as const]),
    ['sealed', <Moment key="m" at={record.sealedAt} />],
    ['took', duration(Date.parse(record.sealedAt) - Date.parse(record.startedAt))],
  ];
}

function sayClaim({ detector, seenAs, harmless }: NonNullable<Record['claim']>): string {
  if (harmless) return 'harmless: nothing should be seen';
  return `broken on purpose: ${detector ?? 'something'} should see it${seenAs === null ? '' : `, as ${seenAs}`}`;
}
