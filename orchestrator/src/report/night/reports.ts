// Every file that tells of a night, by name, but for the record itself.
import type { NightlyDocument, NightRecord } from '../../contract/night.ts';
import { NIGHT_FILES } from '../../store/nights.ts';
import { junitOfNight } from './junit.ts';
import { kcidbOfNight } from './kcidb.ts';
import { mailOfNight } from './mail.ts';
import { summaryOf } from './summary.ts';

export async function reportsOf(record: NightRecord, document: NightlyDocument): Promise<Record<string, string>> {
  return {
    [NIGHT_FILES.summary]: summaryOf(record, document), [NIGHT_FILES.mail]: await mailOfNight(record, document), [NIGHT_FILES.junit]: await junitOfNight(record), [NIGHT_FILES.kcidb]: kcidbOfNight(record),
  };
}
