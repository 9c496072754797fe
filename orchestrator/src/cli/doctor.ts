// vlab doctor: each need of the lab, whether it is met, what was found, and what to type where it is not. Changes nothing.
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WANTS } from '../contract/capability.ts';
import { hostCapabilities } from '../guest/capabilities.ts';
import { DEFAULT_STACK } from '../contract/job.ts';
import { HostRecord, hostRecordPath } from '../guest/host.ts';
import { exists, namesIn, readRecord } from '../lib/files.ts';
import { runProgram } from '../lib/exec.ts';
import { messageOf } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { isOnThisMachine, shownUrl } from '../lib/outside.ts';
import { table, bytes } from '../report/text.ts';
import { readCatalogue } from '../request/catalogue.ts';
import { answer, type Answer, type Context } from './command.ts';

type Check = { need: string; ok: boolean; found: string; hint: string | null };

/** Images, one built base and its source, some runs: what a first job leaves behind, with room to spare. */
const WANTED_FREE_BYTES = 15e9;

export async function doctor({ lab }: Context): Promise<Answer<'doctor'>> {
  const checks = await Promise.all([
    nodeVersion(), engine(lab), program('flock', ['--version'], 'apt-get install util-linux'), program('mmdebstrap', ['--version'], 'scripts/setup'),
    disk(lab), writable(lab), checkout(lab), redis(lab), accelerator(lab), display(lab), extras(), builtImages(lab),
  ]);
  const ok = checks.every((check) => check.ok);
  const rows = checks.map((check) => [check.ok ? 'ok' : 'MISSING', check.need, check.found]);
  const cures = checks.filter((check) => !check.ok && check.hint !== null).map((check) => `${check.need}: ${check.hint ?? ''}`);
  const text = [table(rows), '', ok ? 'everything that the lab needs is here' : ['what to type:', ...cures].join('\n  ')].join('\n');
  return answer('doctor', { ok, checks }, text, ok ? 0 : 3);
}

function nodeVersion(): Promise<Check> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return Promise.resolve({ need: 'Node.js >= 20.19', ok: major > 20 || (major === 20 && minor >= 19), found: process.version, hint: 'install a newer Node.js' });
}

async function engine(lab: Lab): Promise<Check> {
  const need = 'Docker engine';
  try {
    return { need, ok: true, found: await lab.engine.version(), hint: null };
  } catch (error) {
    return { need, ok: false, found: messageOf(error), hint: 'scripts/setup' };
  }
}

async function program(name: string, argv: string[], hint: string): Promise<Check> {
  const result = await runProgram(name, argv);
  return { need: name, ok: result.ok, found: result.ok ? (result.stdout.split('\n')[0] ?? '') : 'not found', hint };
}

async function disk(lab: Lab): Promise<Check> {
  const place = await nearestThatIs(lab.config.home);
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const ready = (await namesIn(`${lab.config.home}/kernels`)).length > 0;
  return { need: `${bytes(WANTED_FREE_BYTES)} of disk`, ok: ready ? free > 2e9 : free > WANTED_FREE_BYTES, found: `${bytes(free)} free for ${lab.config.home}`, hint: 'vlab gc, or VLAB_HOME=/a/larger/disk' };
}

async function writable(lab: Lab): Promise<Check> {
  const place = await nearestThatIs(lab.config.home);
  const ok = await access(place, constants.W_OK).then(() => true, () => false);
  return { need: 'a data folder', ok, found: ok ? lab.config.home : `${place} cannot be written`, hint: 'VLAB_HOME=/a/folder/of/yours' };
}

async function nearestThatIs(path: string): Promise<string> {
  return (await exists(path)) || path === '/' ? path : nearestThatIs(dirname(path));
}

async function checkout(lab: Lab): Promise<Check> {
  const need = 'jobs and patches';
  try {
    const { bases, series, clips } = await readCatalogue(lab.config.checkout);
    return { need, ok: true, found: `${String(Object.keys(bases).length)} bases, ${String(series.length)} series, ${String(Object.keys(clips).length)} clips`, hint: null };
  } catch (error) {
    return { need, ok: false, found: messageOf(error), hint: 'git status' };
  }
}

function inTheClear(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'redis:' && !isOnThisMachine(new URL(url).hostname);
}

function redis(lab: Lab): Promise<Check> {
  const url = lab.config.redisUrl;
  return Promise.resolve({ need: 'Redis', ok: true, found: url === undefined ? 'the lab runs its own' : `REDIS_URL=${shownUrl(url)}${inTheClear(url) ? ', its password in the clear: within a network that you trust, or rediss:' : ''}`, hint: null });
}

async function accelerator(lab: Lab): Promise<Check> {
  const host = await readRecord(hostRecordPath(lab, DEFAULT_STACK), HostRecord);
  const found = host === undefined ? 'not tried yet; the first run does' : `${host.accelerator}: ${host.acceleratorWhy}`;
  return { need: 'accelerator', ok: true, found, hint: null };
}

async function display(lab: Lab): Promise<Check> {
  const host = await readRecord(hostRecordPath(lab, DEFAULT_STACK), HostRecord);
  const found = host === undefined ? 'not tried yet; the first run does' : `${host.display}: ${host.displayWhy}`;
  return { need: 'display', ok: true, found, hint: null };
}

/** Not needed: what this host can take on beyond what every host can. */
async function extras(): Promise<Check> {
  const can = await hostCapabilities();
  return { need: 'extras', ok: true, found: can.length === 0 ? `none; device 2d-blob wants ${WANTS.udmabuf}` : can.join(', '), hint: null };
}

async function builtImages(lab: Lab): Promise<Check> {
  const names = await namesIn(`${lab.config.home}/images`);
  return { need: 'images', ok: true, found: names.length === 0 ? 'none yet; the first run builds them' : names.join(', '), hint: null };
}
