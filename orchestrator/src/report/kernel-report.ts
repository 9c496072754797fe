// A built kernel for people: what it is, every prefix, what is new about it for a reviewer. Pure.
import type { BuiltKernel, KernelBuildDocument } from '../contract/documents.ts';
import type { Bloat, Checkpatch } from '../contract/job.ts';
import { counted, duration, printable, table } from './text.ts';

/** How many warnings, and how many lines of checkpatch per patch, are shown; --json has all. */
const MOST = 10;

export function kernelText(kernel: KernelBuildDocument): string {
  const drivers = kernel.drivers.length === 0 ? '' : ` with ${kernel.drivers.join(', ')}`;
  const parts = [
    `kernel ${kernel.kernel}: ${kernel.version}${drivers}, ${kernel.series ?? 'unpatched'}, ${kernel.flavour}; ${kernel.cached ? 'was built before, in' : 'built in'} ${duration(kernel.seconds * 1000)}${cleanOf(kernel)}`,
    ...ccacheOf(kernel),
    ...(kernel.patches.length === 0 ? [] : seriesOf(kernel)),
    kernel.vmlinux,
  ];
  return parts.join('\n');
}

/** What a reviewer should hear of a series besides how it ran: a sentence for each thing that is not as it should be. */
export function remarksOn({ prefixes, warnings, checkpatch, bloat }: BuiltKernel): string[] {
  const broken = prefixes.filter((one) => one.kernel === null).map((one) => one.patch);
  const unbuilt = bloat.filter((one) => one.before === null && one.after === null).map((one) => printable(one.object));
  const [first] = warnings;
  return [
    ...(broken.length === 0 ? [] : [`the series builds, but not up to ${broken.join(', ')}: it cannot be bisected there`]),
    ...(first === undefined ? [] : [`${counted(warnings.length, 'new compiler warning')}, the first: ${printable(first.file)}:${String(first.line)}: ${printable(first.text)}`]),
    ...checkpatch.filter((one) => one.errors + one.warnings > 0).map((one) => `checkpatch on ${one.patch}: ${counted(one.errors, 'error')}, ${counted(one.warnings, 'warning')}, the first: ${printable(one.lines[0] ?? '')}`),
    ...(unbuilt.length === 0 ? [] : [`this flavour does not build ${unbuilt.join(', ')}: what changed there was not run`]),
  ];
}

function cleanOf({ cleanSeconds, patches }: KernelBuildDocument): string {
  return cleanSeconds === null || patches.length === 0 ? '' : `, the clean build of its base took ${duration(cleanSeconds * 1000)}`;
}

function ccacheOf({ ccache, patches }: KernelBuildDocument): string[] {
  if (patches.length > 0) return ['ccache: not used, a series is untrusted and the cache is shared'];
  return ccache === null ? [] : [`ccache: ${String(ccache.hits)} hits for ${String(ccache.compiled)} files`];
}

function seriesOf(kernel: KernelBuildDocument): string[] {
  const lines = kernel.prefixes.length < 2 ? [] : [table([['prefix', 'kernel', 'took', 'last patch'], ...kernel.prefixes.map((one, index) => [
    `1-${String(index + 1)}`, one.kernel ?? 'DOES NOT BUILD', duration(one.seconds * 1000), one.patch,
  ])])];
  lines.push(kernel.warnings.length === 0 ? 'compiler: no new warning' : `compiler: ${counted(kernel.warnings.length, 'new warning')}`);
  lines.push(...kernel.warnings.slice(0, MOST).map((one) => `    ${printable(one.file)}:${String(one.line)}: ${printable(one.text)}`), ...rest(kernel.warnings.length));
  lines.push(...kernel.checkpatch.flatMap(checkpatchOf));
  if (kernel.bloat.length > 0) lines.push(table([['object', 'bytes before', 'after', 'change'], ...kernel.bloat.map(bloatRow)]));
  if (kernel.identicalToBase) lines.push('the kernel is the base\'s, byte for byte: there is nothing to run');
  return lines;
}

function checkpatchOf({ patch, errors, warnings, checks, lines }: Checkpatch): string[] {
  if (lines.length === 0) return [`checkpatch: ${patch}: nothing`];
  return [`checkpatch: ${patch}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}, ${counted(checks, 'check')}`, ...lines.slice(0, MOST).map((line) => `    ${printable(line)}`), ...rest(lines.length)];
}

function bloatRow({ object, before, after }: Bloat): string[] {
  if (before === null && after === null) return [printable(object), 'not built', 'in this', 'flavour'];
  const change = (after ?? 0) - (before ?? 0);
  return [printable(object), String(before ?? '-'), String(after ?? '-'), `${change > 0 ? '+' : ''}${String(change)}`];
}

function rest(count: number): string[] {
  return count > MOST ? [`    and ${String(count - MOST)} more (--json)`] : [];
}
