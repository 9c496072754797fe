// The lines `Name: value` of a mail that somebody's tools read: who stands for a patch, and what a series is based on. Pure.

/** Whoever answered a patch with it; a person decides what to do with it, the lab only lists it. */
export type Trailer = { name: string; value: string };

export type Bases = { baseCommit: string | null; changeId: string | null; prerequisites: string[] };

const MAX_LISTED = 50;
const MAX_LINE = 500;

/** Of a reply: what stands for or against the patch, said by itself and not quoted. */
export function replyTrailers(text: string): Trailer[] {
  const found: Trailer[] = [];
  for (const line of linesBeforeSignature(text)) {
    const match = /^\s{0,4}([A-Za-z][A-Za-z0-9-]{1,40}):\s+(\S.*?)\s*$/.exec(line);
    const [, name = '', value = ''] = match ?? [];
    const stands = /-by$/i.test(name) && /\S@\S+\.\S/.test(value);
    const fixes = /^fixes$/i.test(name) && /^[0-9a-f]{6,40}\b/.test(value);
    if ((stands || fixes) && found.length < MAX_LISTED) found.push({ name, value });
  }
  return found;
}

/** Of a cover letter or a first patch: b4 and `git format-patch --base` write these below everything else. */
export function basesIn(text: string): Bases {
  const bases: Bases = { baseCommit: null, changeId: null, prerequisites: [] };
  for (const whole of text.split('\n')) {
    const line = whole.slice(0, MAX_LINE).trimEnd();
    const match = /^(base-commit|change-id|prerequisite-(?:patch-id|change-id|message-id|base-commit)):\s+(\S.*)$/i.exec(line);
    const [, name = '', value = ''] = match ?? [];
    if (/^base-commit$/i.test(name)) bases.baseCommit ??= /\b([0-9a-f]{7,40})\b/i.exec(value)?.[1]?.toLowerCase() ?? null;
    else if (/^change-id$/i.test(name)) bases.changeId ??= value.split(/\s/)[0] ?? null;
    else if (name !== '' && bases.prerequisites.length < MAX_LISTED) bases.prerequisites.push(`${name.toLowerCase()}: ${value}`);
  }
  return bases;
}

function linesBeforeSignature(text: string): string[] {
  const lines = text.split('\n').map((line) => line.slice(0, MAX_LINE));
  const end = lines.findIndex((line) => line === '-- ' || line === '--');
  return end < 0 ? lines : lines.slice(0, end);
}
