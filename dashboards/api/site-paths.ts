// Where things lie in a copy of the pages: for who writes them and for who links to them. Pure, and without a schema.

/** What a browser shows as what it is, whatever is in it. The rest is shown as text: a guest decides how its console begins, and a browser may take that for a page. */
const AS_IT_IS = /\.(png|json)$/;

export function copiedFile(run: string, name: string): string {
  return `files/${run}/${name}${AS_IT_IS.test(name) ? '' : '.txt'}`;
}

export function copiedTable(table: 'runs' | 'cells', format: 'csv' | 'json'): string {
  return `tables/${table}.${format}`;
}

/** A piece is a script that hands over one text. */
export function pieceFile(piece: string): string {
  return `data/${piece}.js`;
}

/** The one that is there whatever is in the copy. */
export const INDEX_PIECE = 'index';

export function logKey(run: string, log: string): string {
  return `${run} ${log}`;
}
