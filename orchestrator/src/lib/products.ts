// What a fleet makes once: kernels, images. Who wants one takes it from the shared store, or makes it while the others wait, and offers it.

export type Product = {
  /** A kind and a content key, such as kernels/0123456789abcdef. */
  name: string;
  folder: string;
  /** The file that says that the product is whole. */
  last: string;
  /** Which others belong to it; all that lie there where it is not said. */
  others?: readonly string[];
  /** An image of the engine that belongs to it. */
  tag?: string;
  /** Of all its files together, where whoever offered it may be anybody. */
  mostBytes?: number;
};

export type Products = {
  /** False where nobody has offered it. */
  take: (product: Product, signal: AbortSignal) => Promise<boolean>;
  offer: (product: Product, signal: AbortSignal) => Promise<void>;
  /** Waits until no other host makes it. */
  hold: (name: string, signal: AbortSignal) => Promise<AsyncDisposable>;
};

/** In a lab of one host, `make` and nothing else. */
export async function madeOnce(products: Products | undefined, product: Product, signal: AbortSignal, make: () => Promise<void>): Promise<void> {
  if (products === undefined) {
    await make();
    return;
  }
  if (await products.take(product, signal)) return;
  await using _held = await products.hold(product.name, signal);
  if (await products.take(product, signal)) return;
  await make();
  await products.offer(product, signal);
}
