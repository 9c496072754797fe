// One picture in its pane, at the place and size that all panes share.
import type { ComponentChildren, VNode } from 'preact';
import type { View } from '../../format/pan-zoom.ts';

type Props = { url: string; alt: string; view: View; clip?: string | undefined; hidden?: boolean; loaded?: (width: number, height: number) => void };

export function Picture({ url, alt, view, clip, hidden = false, loaded }: Props): VNode {
  const style = {
    transform: `scale(${String(view.zoom)}) translate(${String(-view.x)}px, ${String(-view.y)}px)`, visibility: hidden ? 'hidden' : 'visible',
  };
  const image = <img src={url} alt={alt} style={style} draggable={false} {...(loaded === undefined ? {} : { onLoad: ({ currentTarget }: { currentTarget: HTMLImageElement }) => { loaded(currentTarget.naturalWidth, currentTarget.naturalHeight); } })} />;
  return clip === undefined ? image : <div class="wipe" style={{ clipPath: clip }}>{image}</div>;
}

export function Pane({ name, height, children }: { name: string; height: number; children: ComponentChildren }): VNode {
  return <figure class="pane"><figcaption>{name}</figcaption><div class="picture" style={{ height: `${String(height)}px` }}>{children}</div></figure>;
}
