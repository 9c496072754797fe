// Which runs wait for a host that has more than every host has. Few do, because each such thing splits the work.
import { expect, test } from 'vitest';
import { Capability, needsOf, WANTS } from './capability.ts';
import { Device } from './device.ts';

test('only a 2D device with blobs wants something of its host, and whoever lacks it is told what to type', () => {
  expect(Device.options.filter((device) => needsOf(device, { nested: false }) !== null)).toEqual(['2d-blob']);
  expect(needsOf('2d-blob', { nested: false })).toBe('udmabuf');
  expect(needsOf('2d-blob', { nested: true })).toBeNull();
  for (const capability of Capability.options) expect(WANTS[capability]).toMatch(/modprobe /);
});
