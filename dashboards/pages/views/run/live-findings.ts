// What looks like a finding in a console that is still being written, before anything is judged: by the very patterns that will judge it.
import { kindOfLine } from '../../../../orchestrator/src/verify/console.ts';

/** Hands out the findings of a log that only grows; each line is looked at once. A log that begins anew is looked at anew. */
export function liveFindings(): (lines: readonly string[]) => ReadonlyMap<number, string> {
  let found = new Map<number, string>();
  let seen = 0;
  let first: string | undefined;
  return (lines) => {
    // The last line may be half a line: it is looked at when the next one has begun.
    const whole = Math.max(0, lines.length - 1);
    if (whole < seen || lines[0] !== first) [found, seen, first] = [new Map<number, string>(), 0, lines[0]];
    const more: [number, string][] = [];
    for (; seen < whole; seen++) {
      const kind = kindOfLine(lines[seen] ?? '');
      if (kind !== undefined) more.push([seen + 1, kind]);
    }
    if (more.length > 0) found = new Map([...found, ...more]);
    return found;
  };
}
