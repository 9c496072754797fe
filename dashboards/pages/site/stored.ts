// The pieces of a copy: each is a script beside this document that hands over one text. A document that is opened from a disk may ask for nothing, but it may
// load scripts.
import { INDEX_PIECE, pieceFile } from '../../api/site-paths.ts';
import type { SiteIndex } from '../../api/site.ts';

type HandOver = (piece: string, text: string) => void;

const texts = new Map<string, string>();
const loading = new Map<string, Promise<string | undefined>>();
let index: SiteIndex | undefined;

/** Call once, before anything is drawn. False where the index is not to be had. */
export async function openCopy(): Promise<boolean> {
  (globalThis as { vlabPiece?: HandOver }).vlabPiece = (piece, text) => { texts.set(piece, text); };
  const text = await pieceText(INDEX_PIECE);
  if (text === undefined) return false;
  index = JSON.parse(text) as SiteIndex;
  return true;
}

/** What is in the copy. */
export function copy(): SiteIndex {
  if (index === undefined) throw new Error('the copy is read before it is opened');
  return index;
}

/** Undefined where its file is not there. */
export async function pieceText(piece: string): Promise<string | undefined> {
  const under = loading.get(piece) ?? load(piece);
  loading.set(piece, under);
  return under;
}

function load(piece: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const script = document.createElement('script');
    const end = (): void => {
      script.remove();
      resolve(texts.get(piece));
      texts.delete(piece);
    };
    script.onload = end;
    script.onerror = end;
    script.src = pieceFile(piece);
    document.head.append(script);
  });
}
