// Which names the list of runs is filtered by: the same in the address of the page and in the question to the server.
import { FACETS, PASS_FACETS } from '../../../../orchestrator/src/contract/facet.ts';
import type { RunFilter } from '../../../api/shapes.ts';

/** Dimensions with a list of values to tick. */
export const DIMENSIONS = [...FACETS, ...PASS_FACETS, 'job'] as const satisfies readonly (keyof RunFilter)[];
export type Dimension = (typeof DIMENSIONS)[number];

export const NAMES = [...DIMENSIONS, 'expected', 'findings', 'text', 'from', 'to'] as const satisfies readonly (keyof RunFilter)[];

export const PAGE_ROWS = 50;
/** The server gives no more at once. */
export const MOST_ROWS = 500;
