// From the address of a store to the store.
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../lib/lab-error.ts';
import { folderObjects } from './folder-objects.ts';
import type { ObjectStore } from './objects.ts';

const FORMS = 's3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION, or file:///FOLDER';

/** `file:///folder`, which every host must see, or `s3://bucket/prefix?endpoint=...&region=...`. Credentials are no part of it. */
export async function openObjects(address: string): Promise<ObjectStore> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'file:' && url.host === '' && isAbsolute(fileURLToPath(url))) return folderObjects(fileURLToPath(url));
  if (url?.protocol !== 's3:' || url.host === '' || !/^[a-z0-9][a-z0-9.-]{1,62}$/.test(url.host)) throw badStore(`got "${address.replace(/\/\/[^@/]*@/, '//...@')}"`);
  if (url.username !== '' || url.password !== '') throw badStore('got one with credentials in it: they come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  const inside = url.pathname.replace(/^\/+|\/+$/g, '');
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\/[^/]+\/?$/.test(endpoint)) throw badStore(`got the endpoint "${endpoint}"`);
  const { s3Objects } = await import('./s3-objects.ts');
  return s3Objects({ bucket: url.host, prefix: inside === '' ? '' : `${inside}/`, endpoint, region: url.searchParams.get('region') ?? 'us-east-1' });
}

function badStore(got: string): LabError {
  return new LabError('BAD_STORE', `Expected VLAB_STORE to be ${FORMS}, ${got}`, { blame: 'request', stage: 'store', hint: 'vlab worker --help' });
}
