// What is asked of a night, read and checked: a plan, a profile of it, its self-test, whom to tell. All that can be wrong is said before anything starts.
import { dirname, join, resolve } from 'node:path';
import type { NightPlan } from '../contract/night.ts';
import type { Job } from '../contract/job.ts';
import { checkTargets } from '../night/notify.ts';
import { profileOf, readPlan } from '../night/read-plan.ts';
import { selfTestJob } from '../night/self-test.ts';
import { readCatalogue, type Catalogue } from '../request/catalogue.ts';
import { readJobFile } from '../request/read-job.ts';
import type { Context } from './command.ts';

/** As in the checkout; a plan of one's own may lie anywhere. */
export const OWN_PLAN = 'jobs/nightly.yaml';

export type Planned = { file: string; plan: NightPlan; profileName: string; catalogue: Catalogue; targets: string[]; selfTest: Job };

export async function plannedNight({ lab }: Context, { plan: given, profile: profileName, notify: urls }: { plan: string; profile: string; notify: string[] }): Promise<Planned> {
  const { checkout, webhookSecret } = lab.config;
  const file = given === OWN_PLAN ? join(checkout, OWN_PLAN) : resolve(given);
  const catalogue = await readCatalogue(checkout);
  const plan = await readPlan(file, catalogue);
  const { selfTest } = profileOf(plan, profileName);
  const targets = [...new Set([...plan.notify, ...urls])];
  checkTargets(targets, webhookSecret);
  return { file, plan, profileName, catalogue, targets, selfTest: selfTestJob(await readJobFile(join(dirname(file), selfTest.job), catalogue), selfTest) };
}
