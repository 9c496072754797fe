// Which dimensions there is any use in ticking. Pure.
import type { Facets } from '../../api/shapes.ts';

/** Every run has one outcome: as many as there are runs. */
const WHOLE = 'outcome';

/** What has one value only narrows nothing, unless there are runs that have none: a defect, a job of which nothing else is known. */
export function narrows(facets: Facets, dimension: string): boolean {
  const values = facets.find((facet) => facet.dimension === dimension)?.values ?? [];
  const all = facets.find((facet) => facet.dimension === WHOLE)?.values.reduce((sum, { runs }) => sum + runs, 0) ?? 0;
  return values.length > 1 || values.some(({ runs }) => runs < all);
}
