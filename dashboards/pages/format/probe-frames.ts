// What the probe's lines tell of each frame: how long it took, and where what was sampled differs from what lay in memory. Pure, lenient.

export type ProbeFrame = { n: number; ms: number; differs: readonly string[] };
export type ProbePass = { pipeline: string; frames: readonly ProbeFrame[] };

/** In the order in which the passes ran. Lines that say nothing of it, or cannot be read, are passed over. */
export function passesIn(text: string): ProbePass[] {
  const passes = new Map<number, { pipeline: string; frames: ProbeFrame[] }>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('{"t":"start"') && !line.startsWith('{"t":"frame"')) continue;
    const told = objectOf(line);
    const id = told?.['id'];
    if (told === undefined || typeof id !== 'number') continue;
    if (told['t'] === 'start' && typeof told['pipeline'] === 'string') passes.set(id, { pipeline: told['pipeline'], frames: [] });
    if (told['t'] === 'frame' && typeof told['n'] === 'number') passes.get(id)?.frames.push({ n: told['n'], ms: sum(told['us']) / 1000, differs: differing(told['memory'], told['texels']) });
  }
  return [...passes.values()].filter(({ frames }) => frames.length > 0);
}

/** Lines name pipelines and not clips: a pass is found by its turn among those of its pipeline that had frames. */
export function passOf<Row extends { pipeline: string; frames: number }>(all: readonly Row[], row: Row, passes: readonly ProbePass[]): ProbePass | undefined {
  const rows = all.filter((one) => one.pipeline === row.pipeline && one.frames > 0);
  const told = passes.filter(({ pipeline }) => pipeline === row.pipeline);
  return rows.length === told.length ? told[rows.indexOf(row)] : undefined;
}

function differing(memory: unknown, texels: unknown): string[] {
  if (!isRecord(memory) || !isRecord(texels)) return [];
  return Object.keys(memory).filter((plane) => texels[plane] !== undefined && texels[plane] !== memory[plane]);
}

function sum(us: unknown): number {
  return isRecord(us) ? Object.values(us).reduce<number>((total, one) => total + (typeof one === 'number' ? one : 0), 0) : 0;
}

function objectOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
