// The address of what a page shows now, which shows the same however much comes in later.
import type { VNode } from 'preact';

/** `fixed`: the filter with both ends of its time; undefined where nothing is shown that an end could be taken from. */
export function PermanentLink({ path, fixed }: { path: string; fixed: string | undefined }): VNode | null {
  return fixed === undefined ? null : <a href={`${path}?${fixed}`} title="The same from the same time, whatever comes in later">link to this span of time</a>;
}
