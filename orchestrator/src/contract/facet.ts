// What runs are narrowed by, one value or several of each: in the record, in the address of a page, in a copy.

/** Of these a run has one each. */
export const FACETS = ['outcome', 'stage', 'expect', 'base', 'version', 'series', 'flavour', 'kernel', 'device', 'stack', 'image', 'measure', 'host', 'accelerator', 'renderer'] as const;
/** Of these each of its passes. */
export const PASS_FACETS = ['pipeline', 'clip', 'fault', 'defect'] as const;
export type Facet = (typeof FACETS)[number];
export type PassFacet = (typeof PASS_FACETS)[number];

/** How a missing value is called: an unpatched kernel, a boot that measures nothing, an unknown host. */
export const NONE = 'none';
