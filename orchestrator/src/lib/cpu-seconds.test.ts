// Where the kernel keeps the CPU time of a group, in either version of cgroups.
import { expect, test } from 'vitest';
import { cpuSourcesOf, groupCpuSeconds } from './cpu-seconds.ts';

const read = (cgroup: string, text: string): unknown[] => cpuSourcesOf(cgroup, 'ab').map(({ file, secondsIn }) => [file, secondsIn(text)]);

test('cgroup v1 counts nanoseconds in a folder that is named by its controllers', () => {
  expect(read('3:cpuset:/docker/ab\n2:cpu,cpuacct:/docker/ab\n1:name=systemd:/docker/ab\n', '2500000000\n')).toEqual([['/sys/fs/cgroup/cpu,cpuacct/docker/ab/cpuacct.usage', 2.5]]);
});

test('cgroup v2 counts microseconds beside other figures', () => {
  expect(read('0::/system.slice/docker-ab.scope\n', 'usage_usec 1500000\nuser_usec 1000000\n')).toEqual([['/sys/fs/cgroup/system.slice/docker-ab.scope/cpu.stat', 1.5]]);
});

test('a group of another name is another container\'s, or another machine\'s', async () => {
  expect(cpuSourcesOf('2:cpuacct:/docker/cd\n0::/docker/cd\n', 'ab')).toEqual([]);
  expect(await groupCpuSeconds(process.pid, 'no container of ours')).toBeNull();
});

test('what is neither says nothing', async () => {
  expect(cpuSourcesOf('', 'ab')).toEqual([]);
  expect(read('0::/ab\n', 'no figures here')).toEqual([['/sys/fs/cgroup/ab/cpu.stat', NaN]]);
  expect(await groupCpuSeconds(2 ** 30, 'ab')).toBeNull();
});
