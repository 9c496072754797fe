// All properties of a run, one after another: one command each to the probe, its facts back as evidence. Judges nothing.
import type { PropertyCommand } from '../contract/probe.ts';
import type { Property } from '../contract/property.ts';
import type { PropertyEvidence } from '../verify/properties.ts';
import { converse, type Prober } from './run-pipeline.ts';

/** The device that does DMA takes 100 ms per transfer; the importer itself waits 5 s for a UUID. */
const SILENCE_MS = 60_000;

/** Apart from the passes' ids. */
const FIRST_ID = 2_000_000;

export type PropertiesDeps = { slowness: number; onProperty: (property: Property, done: number) => void };

/** `gathered` grows as properties begin, so that what was seen survives an end in the middle. */
export async function runProperties(
  properties: readonly Property[], prober: Prober<PropertyCommand>, gathered: PropertyEvidence[], deps: PropertiesDeps, signal: AbortSignal,
): Promise<void> {
  for (const [index, property] of properties.entries()) {
    deps.onProperty(property, index);
    const evidence: PropertyEvidence & { facts: PropertyEvidence['facts'][number][] } = { property, facts: [], end: undefined };
    gathered.push(evidence);
    const command: PropertyCommand = { cmd: 'property', id: FIRST_ID + index, property };
    await converse({ command, what: `property ${property}`, silenceMs: SILENCE_MS }, prober, { onFrame: () => undefined, slowness: deps.slowness }, signal, (line) => {
      if (line.t === 'fact') evidence.facts.push(line);
      else if (line.t === 'end') evidence.end = line;
      return undefined;
    });
  }
}
