// What people said of alerts: alerts.ndjson in the lab's folder. Added to, never changed, so that who, when and why stay readable.
import { appendFile } from 'node:fs/promises';
import { AlertNote } from '../contract/alert.ts';
import { readIfThere } from '../lib/files.ts';
import { layout } from './layout.ts';

export async function addAlertNote(home: string, note: AlertNote): Promise<void> {
  await appendFile(layout.alertNotes(home), `${JSON.stringify(AlertNote.parse(note))}\n`, { mode: 0o600 });
}

/** Oldest first. A line that a crash cut off is left out. */
export async function readAlertNotes(home: string): Promise<AlertNote[]> {
  const text = (await readIfThere(layout.alertNotes(home))) ?? '';
  return text.split('\n').flatMap((line) => {
    try {
      const note = AlertNote.safeParse(JSON.parse(line));
      return note.success ? [note.data] : [];
    } catch {
      return [];
    }
  });
}
