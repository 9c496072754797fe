// The JSON Schemas of everything that is printed with --json, as the files that docs/schemas/ holds. Writes nothing.
import * as z from 'zod';
import { DOCUMENTS } from '../contract/documents.ts';

/** File name to text. */
export function schemaFiles(): Map<string, string> {
  return new Map(Object.entries(DOCUMENTS).map(([name, schema]) => {
    const document = { title: `vlab: ${name}`, ...z.toJSONSchema(schema, { io: 'output' }) };
    return [`${name}.schema.json`, `${JSON.stringify(document, null, 2)}\n`];
  }));
}
