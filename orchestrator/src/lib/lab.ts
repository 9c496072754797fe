// What every stage works with: where things lie, the container engine, whom to tell. Made once in main.ts.
import type { Config } from './config.ts';
import type { Engine } from './container.ts';
import type { Products } from './products.ts';
import type { Tracer } from './tracing.ts';

/** How far a long step has come: `of` is null where the end is not known beforehand. */
export type OnProgress = (what: string, done: number, of: number | null) => void;

export type Lab = {
  config: Config;
  engine: Engine;
  /** Where hosts share what they make. */
  products?: Products;
  /** Where nobody asked for traces there is none. */
  tracer?: Tracer;
};

/** What starts containers, or what stands in for them where there is no engine (processes.ts). */
export type Runs = Pick<Engine, 'start' | 'run' | 'cpuSeconds' | 'pidOf'>;

/** What a guest needs while it runs. */
export type Running = { lab: { config: Config; engine: Runs }; signal: AbortSignal; progress: OnProgress };

/** What a stage needs to make a product: the lab, a way out, and someone to tell. */
export type Making = { lab: Lab; signal: AbortSignal; progress: OnProgress };
