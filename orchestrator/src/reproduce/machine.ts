// What is known of the machine behind a run, flat, so that two can be held against each other. Pure.
import * as z from 'zod';
import type { RunRecord } from '../contract/run.ts';

const Side = z.object({ packages: z.record(z.string(), z.string()) });
const Versions = z.object({
  engine: z.string(), hostKernel: z.string(), cpu: z.string(), cores: z.number(),
  host: z.object({ accelerator: z.string(), display: z.string(), tscKHz: z.number().nullable() }), stack: Side, guest: Side,
});

/** `versions` is the text of versions.json. */
export function machineOf({ renderer, conditions, accelerator, display }: RunRecord, versions: string | undefined): Record<string, string> {
  const seen = { renderer: renderer ?? 'none', accelerator: accelerator ?? 'none', display: display ?? 'none', 'LP_NUM_THREADS': conditions?.lpNumThreads ?? 'not seen' };
  const known = versions === undefined ? undefined : Versions.safeParse(JSON.parse(versions)).data;
  if (known === undefined) return seen;
  const packages = (where: string, of: z.infer<typeof Side>): [string, string][] => Object.entries(of.packages).map(([name, version]) => [`${where}: ${name}`, version]);
  return {
    'Docker engine': known.engine, 'host kernel': known.hostKernel, 'CPU': known.cpu, 'cores': String(known.cores),
    ...seen, ...Object.fromEntries([...packages('host side', known.stack), ...packages('guest', known.guest)]),
  };
}
