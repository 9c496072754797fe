// The lines of the port, spelled as guest-images/probe/report.c and serve.c write them: each is one that the lab understands, and hostile ones are not.
import { expect, test } from 'vitest';
import { ProbeLine } from './probe.ts';

const H = '0123456789abcdef';

test.each([
  '{"t":"hello","version":1,"kernel":"6.12.107","uptimeMs":900}',
  '{"t":"gpu","id":1,"renderer":"virgl (LLVMPIPE)","glVendor":"Mesa","glVersion":"OpenGL ES 3.2","driver":"virtio_gpu","features":"+virgl","capsets":[1,2],"ok":true,"caps":{"dmabufFormats":["R8  ","NV12"]}}',
  '{"t":"gpu","id":1,"renderer":"","glVendor":"","glVersion":"","driver":"","features":"","capsets":[],"ok":false}',
  '{"t":"start","id":1,"pipeline":"dmabuf-copy","source":"libav","pipe":"dmabuf","codec":"h264","width":640,"height":360,"format":"NV12","matrix":"bt709","range":"limited","pixelFormat":"yuv420p"}',
  '{"t":"caps","id":1,"element":"glupload0","pad":"sink","caps":"video/x-raw"}',
  `{"t":"frame","id":1,"n":0,"memory":{"y":"${H}","u":"${H}","v":"${H}"},"texels":{"y":"${H}","u":"${H}","v":"${H}"},"rgb":"${H}","us":{"decode":900,"upload":3,"draw":0}}`,
  `{"t":"frame","id":1,"n":7,"damaged":true,"memory":{"xrgb":"${H}"},"texels":{"xrgb":"${H}"},"rgb":"${H}","us":{}}`,
  '{"t":"decoder-error","id":1,"why":"error while decoding MB 5 7"}',
  '{"t":"pixels","id":1,"n":3,"plane":"uv","what":"texels","width":320,"height":180,"bytesPerPixel":2,"offset":0,"total":115200,"data":"AAAA"}',
  '{"t":"pixels","id":1,"n":3,"plane":"rgb","what":"rgb","width":640,"height":360,"bytesPerPixel":4,"offset":0,"total":921600,"data":"AAAA"}',
  '{"t":"measuring","id":2}',
  '{"t":"timing","id":2,"from":64,"us":{"decode":[900,1000],"wait":[-1,-1],"copy":[10,12],"transfer":[3,4],"upload":[-1,-1],"draw":[1,1],"frame":[950,1050]}}',
  '{"t":"measured","id":2,"frames":55,"wallUs":1000000,"cpuUs":{"user":900000,"system":4000},"cpuNs":904000123,"bookkeepingUs":120}',
  '{"t":"end","id":1,"status":"done","frames":60,"fds":0}',
  '{"t":"end","id":1,"status":"unsupported","why":"eglCreateImage: EGL_BAD_MATCH","step":"setup","frames":0,"fds":-1}',
  '{"t":"end","id":1,"status":"crashed","why":"killed by signal 11 (Segmentation fault)","frames":-1}',
  '{"t":"leaks","id":1,"fds":0,"dmabufs":-1}',
  '{"t":"error","why":"unknown command sing"}',
])('%s', (text) => {
  const line: unknown = JSON.parse(text);
  expect(ProbeLine.parse(line)).toEqual(line);
});

test('members that the lab has not heard of are passed over, so that a newer probe can say more', () => {
  expect(ProbeLine.parse({ t: 'leaks', id: 1, fds: 0, dmabufs: 0, more: { of: 'it' } })).toEqual({ t: 'leaks', id: 1, fds: 0, dmabufs: 0 });
});

test.each([
  { what: 'a frame before the first one', line: { t: 'frame', id: 1, n: -1, memory: {}, texels: {}, us: {} } },
  { what: 'half a frame', line: { t: 'frame', id: 1, n: 0.5, memory: {}, texels: {}, us: {} } },
  { what: 'a hash that is none', line: { t: 'frame', id: 1, n: 0, memory: { y: '../../etc/passwd' }, texels: {}, us: {} } },
  { what: 'a plane that no picture has', line: { t: 'frame', id: 1, n: 0, memory: { a: H }, texels: {}, us: {} } },
  { what: 'a plane that is no plane but a path', line: { t: 'pixels', id: 1, n: 0, plane: '../x', what: 'texels', width: 1, height: 1, bytesPerPixel: 1, offset: 0, total: 1, data: '' } },
  { what: 'a picture larger than any', line: { t: 'pixels', id: 1, n: 0, plane: 'y', what: 'texels', width: 8193, height: 1, bytesPerPixel: 1, offset: 0, total: 8193, data: '' } },
  { what: 'pixels of three bytes', line: { t: 'pixels', id: 1, n: 0, plane: 'y', what: 'texels', width: 1, height: 1, bytesPerPixel: 3, offset: 0, total: 3, data: '' } },
  { what: 'more timing than a line may hold', line: { t: 'timing', id: 1, from: 0, us: { decode: Array.from({ length: 65 }, () => 1) } } },
  { what: 'an end that is no end', line: { t: 'end', id: 1, status: 'passed', frames: 1 } },
  { what: 'a measure without frames', line: { t: 'measured', id: 1, frames: -3, wallUs: 1, cpuUs: { user: 1, system: 1 }, cpuNs: 1, bookkeepingUs: 1 } },
])('$what is no line of the probe', ({ line }) => {
  expect(ProbeLine.safeParse(line).success).toBe(false);
});

const nested = (depth: number): string => `{"t":"gpu","id":1,"renderer":"","glVendor":"","glVersion":"","driver":"","features":"","capsets":[],"ok":true,"caps":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

test.each([
  ['a number that sums to infinity', `{"t":"frame","id":1,"n":0,"memory":{},"texels":{},"us":{"decode":1e308}}`],
  ['a step with a name that none has', `{"t":"frame","id":1,"n":0,"memory":{},"texels":{},"us":{"../../x":1}}`],
  ['steps without end', `{"t":"frame","id":1,"n":0,"memory":{},"texels":{},"us":{${Array.from({ length: 100 }, (_, n) => `"s${String(n)}":1`).join(',')}}}`],
  ['half an open file', '{"t":"leaks","id":1,"fds":0.5,"dmabufs":0}'],
  ['capabilities without a bottom', nested(20_000)],
])('%s is no line', (_what, text) => { expect(ProbeLine.safeParse(JSON.parse(text)).success).toBe(false); });

test('capabilities are as deep as they are', () => { expect(ProbeLine.safeParse(JSON.parse(nested(6))).success).toBe(true); });
