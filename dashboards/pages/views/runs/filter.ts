// Which names the list of runs is filtered by: the same in the address of the page and in the question to the server.
import type { RunFilter } from '../../../api/shapes.ts';

/** Dimensions with a list of values to tick. */
export const DIMENSIONS = ['outcome', 'base', 'version', 'series', 'flavour', 'pipeline', 'clip', 'defect', 'device', 'stack', 'image', 'measure', 'host', 'accelerator', 'renderer', 'job'] as const satisfies readonly (keyof RunFilter)[];
export type Dimension = (typeof DIMENSIONS)[number];

export const NAMES = [...DIMENSIONS, 'expected', 'text', 'from', 'to'] as const satisfies readonly (keyof RunFilter)[];

export const PAGE_ROWS = 50;
/** The server gives no more at once. */
export const MOST_ROWS = 500;
