// A matrix as a table is drawn: which columns there are, and the cell of each row in them. Pure.
import type { Cell, Matrix } from '../../api/shapes.ts';

export type Column = { key: string; pipeline: string; device: string; stack: string };
export type Group = { key: string; device: string; stack: string; columns: number };

function keyOf({ pipeline, device, stack }: Pick<Cell, 'pipeline' | 'device' | 'stack'>): string {
  return JSON.stringify([device, stack, pipeline]);
}

/** Columns of one device and stack stand together; within, in the order in which the job names its pipelines. */
export function columnsOf({ rows }: Pick<Matrix, 'rows'>): { columns: Column[]; groups: Group[] } {
  const byGroup = new Map<string, Map<string, Column>>();
  for (const { pipeline, device, stack } of rows.flatMap((row) => row.cells)) {
    const group = JSON.stringify([device, stack]);
    const columns = byGroup.get(group) ?? new Map<string, Column>();
    const key = keyOf({ pipeline, device, stack });
    columns.set(key, { key, pipeline, device, stack });
    byGroup.set(group, columns);
  }
  return {
    columns: [...byGroup.values()].flatMap((columns) => [...columns.values()]),
    groups: [...byGroup].map(([key, columns]) => ({ key, columns: columns.size, ...placeOf([...columns.values()][0]) })),
  };
}

function placeOf(column: Column | undefined): { device: string; stack: string } {
  return { device: column?.device ?? '', stack: column?.stack ?? '' };
}

/** In the order of the columns; undefined where the row has nothing there. */
export function cellsIn(row: Matrix['rows'][number], columns: readonly Column[]): (Cell | undefined)[] {
  const cells = new Map(row.cells.map((cell) => [keyOf(cell), cell]));
  return columns.map(({ key }) => cells.get(key));
}

export function rowKey({ base, series, flavour }: Matrix['rows'][number]): string {
  return JSON.stringify([base, series, flavour]);
}
