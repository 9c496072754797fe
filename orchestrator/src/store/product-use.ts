// When a host of the fleet last took a product from the shared store, and what nobody has wanted for long. A mark for each day on which it was taken: an object is
// put once, and S3 does not tell when it was read.
import type { ObjectStore } from './objects.ts';

const USED = 'used/';
const PRODUCTS = 'products/';

export type StaleProduct = { name: string; usedAt: number };

export async function markUse(objects: ObjectStore, product: string): Promise<void> {
  await objects.putNew(`${USED}${product}/${new Date().toISOString().slice(0, 10)}.json`, '{}');
}

/** Products that were neither offered nor taken since. A host that has one of its own asks for it no more, and keeps it whatever becomes of this. */
export async function staleProducts(objects: ObjectStore, sinceMs: number): Promise<StaleProduct[]> {
  const used = new Map<string, number>();
  const saw = (product: string, at: Date): void => { used.set(product, Math.max(used.get(product) ?? 0, at.getTime())); };
  for await (const { name, at } of objects.list(PRODUCTS)) saw(name.slice(PRODUCTS.length, -'.json'.length), at);
  for await (const { name, at } of objects.list(USED)) {
    const product = name.slice(USED.length, name.lastIndexOf('/'));
    if (used.has(product)) saw(product, at);
  }
  return [...used].filter(([, at]) => at < sinceMs).map(([name, usedAt]) => ({ name, usedAt })).sort((a, b) => a.usedAt - b.usedAt);
}

/** What its manifest names goes as bytes that nothing names any longer. One that was taken in the meantime stays: false. */
export async function forgetProduct(objects: ObjectStore, product: StaleProduct): Promise<boolean> {
  const marks: string[] = [];
  for await (const { name, at } of objects.list(`${USED}${product.name}/`)) {
    if (at.getTime() > product.usedAt) return false;
    marks.push(name);
  }
  for (const name of [`${PRODUCTS}${product.name}.json`, ...marks]) await objects.remove(name);
  return true;
}
