// What every page is made of: a head, sections that can be linked to, containers in which what is wide scrolls by itself.
import type { ComponentChildren, VNode } from 'preact';

export function PageHead({ title, children }: { title: ComponentChildren; children?: ComponentChildren }): VNode {
  return <div class="head"><h1>{title}</h1>{children}</div>;
}

export function Section({ id, title, aside, children }: { id: string; title: string; aside?: ComponentChildren; children: ComponentChildren }): VNode {
  return (
    <section aria-labelledby={id}>
      <div class="section-head"><h2 id={id}><a href={`#${id}`} class="quiet">{title}</a></h2>{aside}</div>
      {children}
    </section>
  );
}

/** Tables scroll in here, never the page. It can be reached by keyboard, because it scrolls. */
export function Wide({ label, children }: { label: string; children: ComponentChildren }): VNode {
  return <div class="wide" role="group" aria-label={label} tabIndex={0}>{children}</div>;
}

export function Fold({ title, open = false, children, id }: { title: ComponentChildren; open?: boolean; children: ComponentChildren; id?: string }): VNode {
  return <details class="fold" open={open} {...(id === undefined ? {} : { id })}><summary>{title}</summary>{children}</details>;
}

/** Names and values. */
export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren])[] }): VNode {
  return <dl class="facts">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}
