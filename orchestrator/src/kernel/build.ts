// The kernel of a run: the built base itself, or a series built on top of it in a container without a network.
import { join } from 'node:path';
import type { Base, Flavour, KernelRecord } from '../contract/job.ts';
import { builderImage } from '../image/images.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { builtBase, kernelFolder } from './base.ts';
import { withDrivers, type Driver } from './drivers.ts';
import { builtSeries } from './patched.ts';
import type { ReadSeries } from './series.ts';

export type KernelPlan = { baseName: string; base: Base; drivers: readonly Driver[]; series: ReadSeries | undefined; flavour: Flavour };
/** `baseVmlinux` is the unpatched kernel below it: what is asked of a host is not asked through a series. */
export type Kernel = { record: KernelRecord; vmlinux: string; baseVmlinux: string; cached: boolean };

export async function buildKernel(plan: KernelPlan, making: Making): Promise<Kernel> {
  const { lab } = making;
  if (plan.series !== undefined) checkFits(plan.series, plan.baseName);
  const builder = await builderImage(making);
  const asked = Date.now();
  const bare = await builtBase({ name: plan.baseName, base: plan.base, flavour: plan.flavour, builder: builder.tag }, making);
  const baseVmlinux = join(kernelFolder(lab, bare.record.kernel), 'vmlinux');
  const base = await withDrivers(bare, plan.drivers, making);
  if (plan.series === undefined || plan.series.unpatched) {
    const record = plan.series === undefined ? base.record : { ...base.record, series: plan.series.name };
    return { record, vmlinux: join(kernelFolder(lab, base.record.kernel), 'vmlinux'), baseVmlinux, cached: Date.parse(base.record.builtAt) < asked };
  }
  const { record, cached } = await builtSeries(base, plan.series, making);
  // The same patches may have been built under another name, and the base built anew since.
  return { record: { ...record, series: plan.series.name, cleanSeconds: bare.record.cleanSeconds }, vmlinux: join(kernelFolder(lab, record.kernel), 'vmlinux'), baseVmlinux, cached };
}

/** Said before anything is built. */
function checkFits(series: ReadSeries, baseName: string): void {
  if (!series.appliesTo.includes(baseName)) {
    throw new LabError('OTHER_BASE', `series ${series.name} applies to ${series.appliesTo.join(', ')}, not to base ${baseName}`, { blame: 'request', stage: 'request' });
  }
  if (series.patches.length === 0 && !series.unpatched) throw new LabError('NO_PATCHES', `series ${series.name} has no numbered .patch file for base ${baseName}`, { blame: 'request', stage: 'request' });
}
