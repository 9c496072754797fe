// A filter as it stands in the address: names with values, of which several are set apart by commas. Pure.
import { listed, unlisted } from '../../api/listed.ts';

export type Values = ReadonlyMap<string, readonly string[]>;

export function valuesOf(query: string, name: string): string[] {
  return unlisted(new URLSearchParams(query).get(name) ?? '');
}

export function valueOf(query: string, name: string): string | undefined {
  const value = new URLSearchParams(query).get(name);
  return value === null || value === '' ? undefined : value;
}

/** The same filter with other values under one name; without values the name goes. The order of names is kept, so that one filter has one address. */
export function withValues(query: string, name: string, values: readonly string[]): string {
  return withValue(query, name, values.length === 0 ? undefined : listed(values));
}

export function withValue(query: string, name: string, value: string | undefined): string {
  const all = new URLSearchParams(query);
  if (value === undefined || value === '') all.delete(name);
  else all.set(name, value);
  return readable(all);
}

/** With a value more under this name, or one less where it is there. */
export function toggled(query: string, name: string, value: string): string {
  const now = valuesOf(query, name);
  return withValues(query, name, now.includes(value) ? now.filter((one) => one !== value) : [...now, value]);
}

/** With a value for each name that has none. */
export function filled(query: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((whole, [name, value]) => (valueOf(whole, name) === undefined ? withValue(whole, name, value) : whole), query);
}

/** The filter of a list with both ends of what it shows now: the moments of its newest and its oldest row; undefined where it shows none. */
export function fixedList(query: string, moments: readonly string[]): string | undefined {
  const [newest, oldest] = [moments[0], moments.at(-1)];
  return newest === undefined || oldest === undefined ? undefined : filled(query, { from: oldest, to: newest });
}

/** Only the names that are told, in their order: what else stands in an address is not the server's business. */
export function only(query: string, names: readonly string[]): string {
  const all = new URLSearchParams(query);
  return readable(new URLSearchParams(names.flatMap((name) => {
    const value = all.get(name);
    return value === null || value === '' ? [] : [[name, value]];
  })));
}

/** A comma and a slash mean nothing in a query: unescaped, people can read it. */
function readable(all: URLSearchParams): string {
  return all.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
}
