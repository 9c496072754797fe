// A night in words: whether the lab is to be believed, and what is new, fixed, still failing, flaky or known. And a night that did not happen.
import type { VNode } from 'preact';
import type { Home, NightShown } from '../../../api/shapes.ts';
import { evaluationLink, jobLink, nightLink, runLink } from '../../app/links.ts';
import { counted } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Fold, Section } from '../../parts/frame.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Text } from '../../parts/ids.tsx';
import { When } from '../../parts/when.tsx';

const WORDS: Readonly<Record<NightShown['groups'][number]['kind'], string>> = { new: 'newly failing', fixed: 'fixed', still: 'still failing', flaky: 'flaky, kept apart', known: 'known' };

export function NightAlarm({ alarm }: { alarm: Home['nightAlarm'] }): VNode | null {
  if (alarm === null) return null;
  return <p class="lede" role="alert"><strong class="bad"><Icon name="warn" />A night did not happen:</strong> <Text text={alarm.why} />. To see the schedule: <code>npx vlab nightly schedule</code></p>;
}

/** `own`: the address at which it stays, where the page is not its own. */
export function Night({ night, title, own }: { night: NightShown; title: string; own?: string }): VNode {
  const bad = night.lab !== 'ok' || night.slower.length > 0 || night.groups.some((one) => one.kind === 'new');
  return (
    <Section id="night" title={title} aside={<>{own === undefined ? null : <><a href={own}>link to this night</a> </>}<a href={jobLink(night.matrix)}>its matrix</a>{night.before === null ? null : <> <a href={nightLink(night.before)}>the night before</a></>} <Exports table="night" query={withValue('', 'night', night.id)} /></>}>
      <p class="lede" {...(night.lab === 'ok' ? {} : { role: 'alert' } as const)}><strong class={bad ? 'bad' : 'good'}><Icon name={bad ? 'cross' : 'check'} />{sayNight(night)}</strong> <Text text={night.sentence} />. <span class="id">{night.id}</span>, profile {printable(night.profile)}, <When at={night.startedAt} />{night.selfTest === null ? null : <>; <a href={jobLink(night.selfTest)}>mutants caught: {night.mutantsCaught} of {night.mutantsTotal}</a></>}</p>
      <div class="changes">
        {night.slower.map((one) => <p key={one.base}><strong class="change-new">slower</strong> <span class="name">{printable(one.base)}</span>: <Text text={one.why} />{one.evaluation === null ? null : <> <a href={evaluationLink(one.evaluation)}>the evaluation</a></>}</p>)}
        {night.groups.map(({ kind, cells }) => (
          <Fold key={kind} open={kind === 'new'} title={<strong class={`change-${kind}`}>{counted(cells.length, WORDS[kind], WORDS[kind])}</strong>}>
            <ul class="plain">{cells.map((cell) => <li key={cell.what}><a href={runLink(cell.run)}>{printable(cell.what)}</a> <Text text={cell.why} /><div class="faint"><Text text={cell.history} /></div></li>)}</ul>
          </Fold>
        ))}
        {night.groups.length + night.slower.length > 0 ? null : <p>Nothing is new, fixed, failing or flaky.</p>}
      </div>
      <Command command={`npx vlab nightly show ${night.id}`} />
    </Section>
  );
}

function sayNight({ lab, groups, slower }: NightShown): string {
  if (lab !== 'ok') return `The lab is not to be believed (${lab}):`;
  const fresh = (groups.find((one) => one.kind === 'new')?.cells.length ?? 0) + slower.length;
  return fresh === 0 ? 'Nothing new:' : `${String(fresh)} new:`;
}
