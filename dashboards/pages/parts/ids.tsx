// Ids of runs, jobs and evaluations as links, and text that others wrote.
import type { VNode } from 'preact';
import { evaluationLink, jobLink, runLink, seriesLink } from '../app/links.ts';
import { kernelName } from '../format/words.ts';
import { printable } from '../format/printable.ts';

export function RunId({ id }: { id: string }): VNode { return <a class="id" href={runLink(id)}>{id}</a>; }
export function JobId({ id }: { id: string }): VNode { return <a class="id" href={jobLink(id)}>{id}</a>; }
export function EvaluationId({ id }: { id: string }): VNode { return <a class="id" href={evaluationLink(id)}>{id}</a>; }
export function SeriesName({ name }: { name: string }): VNode { return <a class="name" href={seriesLink(name)}>{printable(name)}</a>; }

export function Kernel({ base, series, flavour }: { base: string; series: string | null; flavour: string }): VNode {
  return <span class="name">{printable(kernelName({ base, series, flavour }))}</span>;
}

/** What others wrote: controls are shown, a long word breaks. */
export function Text({ text }: { text: string }): VNode {
  return <span class="theirs">{printable(text)}</span>;
}
