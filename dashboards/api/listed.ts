// Several values under one name of a query, set apart by commas. A comma within a value, as names of renderers have it, stands behind a backslash. Pure, and without a schema.

export function listed(values: readonly string[]): string {
  return values.map((one) => one.replace(/[\\,]/g, '\\$&')).join(',');
}

/** Empty ones are left out. */
export function unlisted(text: string): string[] {
  return (text.match(/(?:[^\\,]|\\[^]?)+/g) ?? []).map((one) => one.replace(/\\([^]?)/g, '$1')).filter((one) => one !== '');
}
