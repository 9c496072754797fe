// The folder of a copy while it is written: its pieces, its files, and how many bytes they are.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pieceFile } from '../api/site-paths.ts';

export class SiteFolder {
  readonly root: string;
  files = 0;
  bytes = 0;
  #pieces = 0;

  constructor(root: string) {
    this.root = root;
  }

  async write(path: string, content: string): Promise<void> {
    const whole = join(this.root, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, content, { flag: 'wx' });
    this.count(Buffer.byteLength(content));
  }

  /** A file that somebody else has put there. */
  count(bytes: number): void {
    this.files += 1;
    this.bytes += bytes;
  }

  /** Returns the name under which the pages ask for it. */
  async piece(text: string, name?: string): Promise<string> {
    this.#pieces += 1;
    const piece = name ?? String(this.#pieces);
    await this.write(pieceFile(piece), pieceOf(piece, text));
    return piece;
  }
}

/**
 * A script that hands over one text. As a string within a string: an object literal would take a key "__proto__" for more than a name. No "<" is in it, so that
 * it holds no tag whoever reads it as a page, and no character that older scripts end a line at.
 */
export function pieceOf(piece: string, text: string): string {
  return `vlabPiece(${asScript(piece)}, ${asScript(text)});\n`;
}

function asScript(text: string): string {
  return JSON.stringify(text).replace(/[<\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
