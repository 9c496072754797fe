// What a user's own file holds, as the workshop's FFmpeg sees it. The file is hostile until proven otherwise: it is read in a container without
// network or privileges, under limits, and only its first video stream is looked at.
import { basename, dirname } from 'node:path';
import * as z from 'zod';
import type { Matrix, PixelFormat, Size } from '../contract/picture.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { rawFormatOf, type Colour } from './golden.ts';

const MAX_FRAMES = 20_000;
const FITTING: Readonly<Record<PixelFormat, readonly string[]>> = {
  I420: ['yuv420p', 'yuvj420p'], NV12: ['yuv420p', 'yuvj420p'], P010: ['yuv420p10le'], XRGB8888: ['bgr0', 'bgra'],
};
const MATRICES: Readonly<Record<string, Matrix>> = { bt709: 'bt709', bt2020nc: 'bt2020', smpte170m: 'bt601', bt470bg: 'bt601', unknown: 'bt601' };

const Stream = z.object({
  width: z.int().min(1), height: z.int().min(1), pix_fmt: z.string(), color_space: z.string().default('unknown'), color_range: z.string().default('tv'), nb_read_packets: z.coerce.number().default(0),
});

export type ProbeFile = { path: string; format: PixelFormat; md5: string | undefined; md5Of: string | undefined; workshop: string };

export async function probeFile({ path, format, md5, md5Of, workshop }: ProbeFile, { lab, signal }: Making): Promise<{ size: Size; colour: Colour }> {
  const run = async (command: string): Promise<string> => {
    const output: string[] = [];
    const words: string[] = [];
    const exit = await lab.engine.run({
      image: workshop, purpose: 'decode', memoryMiB: 2048, pids: 64, readOnly: true, binds: [{ from: dirname(path), to: '/in' }],
      argv: ['sh', '-c', command, 'probe', `/in/${basename(path)}`],
    }, { signal, onLine: (line, from) => { (from === 'stdout' ? output : words).push(line); } });
    if (exit.code !== 0) throw refusal(`it cannot be read: ${exit.how}: ${words.at(-1) ?? ''}`);
    return output.join('\n');
  };
  const told = z.object({ streams: z.array(Stream) }).safeParse(JSON.parse(await run('ffprobe -v error -select_streams v:0 -count_packets -show_streams -of json "$1"')));
  const stream = told.data?.streams[0];
  if (stream === undefined) throw refusal('no video stream');
  if (!FITTING[format].includes(stream.pix_fmt)) throw refusal(`its pixel format ${stream.pix_fmt} does not become ${format}; ${FITTING[format].join(' and ')} do`);
  if (stream.nb_read_packets > MAX_FRAMES) throw refusal(`${String(stream.nb_read_packets)} frames; at most ${String(MAX_FRAMES)} are taken`);
  const matrix = MATRICES[stream.color_space];
  if (matrix === undefined) throw refusal(`its colour matrix ${stream.color_space} is none that the lab converts`);
  if (md5 !== undefined) {
    const raw = md5Of ?? rawFormatOf(format);
    const got = /MD5=([0-9a-f]{32})/.exec(await run(`ffmpeg -v error -flags:v bitexact -idct simple -i "$1" -map 0:v:0 -pix_fmt ${raw} -f md5 -`))?.[1];
    if (got !== md5) throw refusal(`the workshop's FFmpeg decodes it to MD5 ${got ?? 'nothing'}, the suite says ${md5}: there is no golden to hold a guest against`);
  }
  return { size: stream, colour: { matrix, range: stream.color_range === 'pc' || stream.pix_fmt === 'yuvj420p' ? 'full' : 'limited' } };

  function refusal(why: string): LabError {
    return new LabError('BAD_FILE', `${basename(path)}: ${why}`, { blame: 'request', stage: 'clip' });
  }
}
