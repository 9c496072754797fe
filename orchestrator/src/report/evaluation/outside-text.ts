// What others wrote (an author, a patch's words, a console) on its way into a mail: it names one recipient and gives no trailer. Pure.

const ADDRESS = /^[^\s<>,;:@"()]+@[^\s<>,;:@"()]+$/;
const TRAILER = /^\s*([\w-]+-by|cc|fixes|link|closes)\s*:/i;

/** One name and one address: an author with commas or colons in it must not become several recipients. Undefined where there is no address. */
export function recipientOf(author: string): { name: string; address: string } | undefined {
  const [, name = '', inBrackets] = /^([^<]*)<([^<>]*)>\s*$/.exec(author) ?? [];
  const address = (inBrackets ?? author).trim();
  if (!ADDRESS.test(address)) return undefined;
  return { name: name.replaceAll(/["\\]/g, '').replaceAll(/\s+/g, ' ').trim(), address };
}

/** Every line marked as a quote, so that tools which collect trailers pass it by. */
export function quoted(text: string): string {
  return linesOf(text).map((line) => `> ${line}`.trimEnd()).join('\n');
}

/** Lines that would be read as trailers become quotes. */
export function withoutTrailers(text: string): string {
  return linesOf(text).map((line) => (TRAILER.test(line) ? `> ${line.trimStart()}` : line)).join('\n');
}

/** Python, in which b4 is written, ends lines at U+2028 and U+2029 too. */
function linesOf(text: string): string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/);
}
