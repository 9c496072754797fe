// A store that speaks S3 in a container on the engine's own bridge, for as long as a test's lab lives.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageBuildDocument } from '../src/contract/documents.ts';
import type { TestLab } from './lab.ts';
import { pause } from '../src/lib/within.ts';

export type TestStore = { id: string; env: { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string }; address: (bucket: string) => string; parts: (bucket: string) => { bucket: string; endpoint: string } };

export async function startStore(lab: TestLab): Promise<TestStore> {
  const { tag } = ImageBuildDocument.parse(JSON.parse((await lab.vlab(['image', 'build', 'store', '--json'])).stdout));
  const data = join(lab.home, 'store');
  await mkdir(data);
  await chmod(data, 0o777);
  const env = { AWS_ACCESS_KEY_ID: 'lab', AWS_SECRET_ACCESS_KEY: 'only-this-one' };
  const said: string[] = [];
  const container = await lab.engine.start({
    image: tag, purpose: 'their-store', network: 'bridge', memoryMiB: 1024, pids: 1024, argv: ['start-store'], binds: [{ from: data, to: '/data', write: true }],
    env: { STORE_KEY: env.AWS_ACCESS_KEY_ID, STORE_SECRET: env.AWS_SECRET_ACCESS_KEY },
  }, (line) => { said.push(line); });
  const { NetworkSettings: { Networks } } = await lab.engine.docker.getContainer(container.id).inspect();
  const endpoint = `http://${Networks['bridge']?.IPAddress ?? ''}:8333`;
  for (let tries = 0; tries < 300; tries++) {
    if (await fetch(endpoint).then(() => true, () => false)) return { id: container.id, env, address: (bucket) => `s3://${bucket}?endpoint=${endpoint}`, parts: (bucket) => ({ bucket, endpoint }) };
    await pause(200);
  }
  throw new Error(`the store did not begin to answer at ${endpoint}: ${said.slice(-20).join('\n')}`);
}
