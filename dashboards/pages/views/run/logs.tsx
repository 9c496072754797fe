// The logs of a run: one at a time, chosen by the address (#console:123).
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { LogName, RunDetail } from '../../../api/shapes.ts';
import { usePlace } from '../../app/router.ts';
import { logAt } from '../../format/log-lines.ts';
import { Section } from '../../parts/frame.tsx';
import { LogViewer } from '../../parts/log/viewer.tsx';
import { liveFindings } from './live-findings.ts';

export const LOGS: readonly { name: LogName; file: string; says: string }[] = [
  { name: 'console', file: 'console.log', says: 'what the guest said on its serial console' },
  { name: 'probe', file: 'probe.ndjson', says: 'every line from the probe in the guest' },
  { name: 'events', file: 'events.ndjson', says: 'what the lab did, and when' },
  { name: 'qemu', file: 'qemu.log', says: 'what QEMU and the display said' },
  { name: 'trace', file: 'trace.log', says: 'QEMU\'s trace of its virtio-gpu' },
];
const NAMES = LOGS.map(({ name }) => name);
const NO_FINDINGS: ReadonlyMap<number, string> = new Map();

export function Logs({ run }: { run: RunDetail }): VNode {
  const { hash } = usePlace();
  const asked = logAt(hash, NAMES);
  const there = LOGS.filter(({ file }) => run.state === 'live' || run.files.some(({ name, bytes }) => name === file && bytes > 0));
  const shown = there.find(({ name }) => name === asked?.name) ?? there[0];
  const findings = run.record?.console;
  const splatsOf = useMemo((): ((lines: readonly string[]) => ReadonlyMap<number, string>) => {
    if (shown?.name !== 'console') return () => NO_FINDINGS;
    if (findings === undefined) return liveFindings();
    const judged = new Map(findings.map(({ line, kind }) => [line, kind]));
    return () => judged;
  }, [shown?.name, findings]);

  const place = useRef<HTMLDivElement>(null);
  const pointed = asked?.line !== undefined;
  useEffect(() => { if (pointed) place.current?.scrollIntoView({ block: 'nearest' }); }, [pointed, asked?.name]);

  if (shown === undefined) return <Section id="log" title="Logs"><p class="faint">There is no log yet.</p></Section>;
  return (
    <Section id="log" title="Logs" aside={<span class="faint">{shown.says}</span>}>
      <div ref={place}>
        <nav class="tabs" aria-label="Logs">{there.map(({ name }) => <a key={name} href={`#${name}`} {...(name === shown.name ? { 'aria-current': 'true' } as const : {})}>{name}</a>)}</nav>
        <LogViewer key={shown.name} run={run.id} name={shown.name} file={run.files.some(({ name }) => name === shown.file) ? shown.file : undefined} live={run.state === 'live'} at={asked?.name === shown.name ? asked.line : undefined} splatsOf={splatsOf} />
      </div>
    </Section>
  );
}
