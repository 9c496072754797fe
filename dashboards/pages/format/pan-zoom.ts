// What part of a picture is seen, and how large: the same for all pictures that are looked at together. Pure.

/** `x`, `y`: the picture's point in the upper left corner of the pane; `zoom`: pixels of the screen per pixel of the picture. */
export type View = { readonly zoom: number; readonly x: number; readonly y: number };
export type Box = { readonly width: number; readonly height: number };

const LEAST = 0.1;
const MOST = 64;

export function fitted(picture: Box, pane: Box): View {
  if (picture.width <= 0 || picture.height <= 0 || pane.width <= 0 || pane.height <= 0) return { zoom: 1, x: 0, y: 0 };
  const zoom = Math.min(pane.width / picture.width, pane.height / picture.height);
  return { zoom, x: (picture.width - pane.width / zoom) / 2, y: (picture.height - pane.height / zoom) / 2 };
}

/** What is under the point of the pane stays under it. */
export function zoomed({ zoom, x, y }: View, times: number, at: { x: number; y: number }): View {
  const next = Math.min(MOST, Math.max(LEAST, zoom * times));
  return { zoom: next, x: x + at.x / zoom - at.x / next, y: y + at.y / zoom - at.y / next };
}

export function moved(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x - dx / view.zoom, y: view.y - dy / view.zoom };
}

/** Some of the picture stays in sight. */
export function kept(view: View, picture: Box, pane: Box): View {
  const margin = { x: (pane.width / view.zoom) * 0.8, y: (pane.height / view.zoom) * 0.8 };
  const between = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
  return { zoom: view.zoom, x: between(view.x, -margin.x, picture.width - pane.width / view.zoom + margin.x), y: between(view.y, -margin.y, picture.height - pane.height / view.zoom + margin.y) };
}

/** The pixel under a point of the pane, or undefined beside the picture. */
export function pixelAt(view: View, at: { x: number; y: number }, picture: Box): { x: number; y: number } | undefined {
  const [x, y] = [Math.floor(view.x + at.x / view.zoom), Math.floor(view.y + at.y / view.zoom)];
  return x < 0 || y < 0 || x >= picture.width || y >= picture.height ? undefined : { x, y };
}
