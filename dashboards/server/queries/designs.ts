// The designs of 2019, property by design: of each the newest answer on each device.
import { sql } from 'kysely';
import { Property, PROPERTIES } from '../../../orchestrator/src/contract/property.ts';
import type { RunRecord } from '../../../orchestrator/src/contract/run.ts';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import { cellsOf } from '../../../orchestrator/src/report/property-table.ts';
import type { DesignCell } from '../../api/shapes.ts';

type Row = Pick<RunRecord, 'id' | 'base' | 'flavour' | 'device'> & { series: string; sealedAt: Date } & Omit<RunRecord['properties'][number], 'asked'>;

export async function designCells(db: Database): Promise<DesignCell[]> {
  const { rows } = await sql<Row>`select distinct on (r.series, r.base, r.flavour, r.device, p.property)
      r.id, r.series, r.base, r.flavour, r.device, r.sealed_at as "sealedAt", p.property, p.holds, p.binding, p.value, p.evidence
    from properties p join runs r on r.n = p.run where r.series like 'designs/%'
    order by r.series, r.base, r.flavour, r.device, p.property, r.sealed_at desc, r.id desc`.execute(db);
  return rows.flatMap(cellOf).sort((a, b) => Property.options.indexOf(a.property) - Property.options.indexOf(b.property));
}

/** What a later version of the lab asked, and this one does not know, is left out. */
function cellOf({ sealedAt, property, holds, binding, value, evidence, ...run }: Row): DesignCell[] {
  if (!Property.safeParse(property).success) return [];
  const cells = cellsOf([{ ...run, properties: [{ property, asked: true, holds, binding, value, evidence }] }]) ?? [];
  return cells.map((cell) => ({ ...cell, series: run.series, asks: PROPERTIES[property].asks, sealedAt: sealedAt.toISOString() }));
}
