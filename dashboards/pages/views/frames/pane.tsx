// One picture in its pane, at the place and size that all panes share.
import type { ComponentChildren, VNode } from 'preact';
import type { Box, View } from '../../format/pan-zoom.ts';

/** `size`: of the picture that it is, or is a small one of; `smooth`: its pixels are not the picture's. */
type Props = { url: string; alt: string; view: View; size: Box; smooth: boolean; clip?: string | undefined; hidden?: boolean; loaded?: (width: number, height: number) => void };

export function Picture({ url, alt, view, size, smooth, clip, hidden = false, loaded }: Props): VNode {
  const style = {
    transform: `scale(${String(view.zoom)}) translate(${String(-view.x)}px, ${String(-view.y)}px)`, visibility: hidden ? 'hidden' : 'visible',
    width: `${String(size.width)}px`, height: `${String(size.height)}px`, imageRendering: smooth ? 'auto' : 'pixelated',
  };
  const image = <img src={url} alt={alt} style={style} draggable={false} {...(loaded === undefined ? {} : { onLoad: ({ currentTarget }: { currentTarget: HTMLImageElement }) => { loaded(currentTarget.naturalWidth, currentTarget.naturalHeight); } })} />;
  return clip === undefined ? image : <div class="wipe" style={{ clipPath: clip }}>{image}</div>;
}

export function Pane({ name, height, children }: { name: string; height: number; children: ComponentChildren }): VNode {
  return <figure class="pane"><figcaption>{name}</figcaption><div class="picture" style={{ height: `${String(height)}px` }}>{children}</div></figure>;
}
