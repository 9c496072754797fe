// Objects in a bucket of a server that speaks S3. Its client is loaded by whoever has such a store and by nobody else: it is large.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, HeadBucketCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, S3ServiceException,
} from '@aws-sdk/client-s3';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { checkedName, type Listed, type ObjectStore } from './objects.ts';

export type Bucket = { bucket: string; /** Begins every name; empty, or ends with a slash. */ prefix: string; endpoint: string | undefined; region: string; /** Names in one answer of a list; the server's own limit where it is not said. */ pageSize?: number };

const TIMES = { connectionTimeout: 5000, requestTimeout: 120_000 };
const ATTEMPTS = 4;
const YOUNG_MS = 6 * 3600_000;
/** Smaller files are read whole, so that a request that failed on its way can be made again by the client. */
const WHOLE_BYTES = 8 * 1024 * 1024;

/** Opens the bucket; credentials come from where every S3 client finds them (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ~/.aws). Throws NO_STORE. */
export async function s3Objects({ bucket: Bucket, prefix, endpoint, region, pageSize }: Bucket): Promise<ObjectStore> {
  const title = `bucket ${Bucket}${endpoint === undefined ? '' : ` at ${endpoint}`}`;
  // Not every server knows the checksums that the client adds by itself; what is put here is checked by its digest when it is read.
  const checks = { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' } as const;
  const client = new S3Client({ region, maxAttempts: ATTEMPTS, requestHandler: TIMES, ...checks, ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }) });
  await checkOpens(client, Bucket, title);
  const keyOf = (name: string): string => prefix + checkedName(name);
  const has = (name: string): Promise<boolean> => found(() => client.send(new HeadObjectCommand({ Bucket, Key: keyOf(name) }))).then((head) => head !== undefined);
  return {
    title, has,
    put: async (name, file) => {
      const there = await found(() => client.send(new HeadObjectCommand({ Bucket, Key: keyOf(name) })));
      // Put again once it has some age: gc must not take it for something that nobody wants.
      if (there?.LastModified !== undefined && Date.now() - there.LastModified.getTime() < YOUNG_MS) return;
      const { size } = await stat(file);
      const Body = size <= WHOLE_BYTES ? await readFile(file) : createReadStream(file);
      await client.send(new PutObjectCommand({ Bucket, Key: keyOf(name), Body, ContentLength: size }));
    },
    putNew: async (name, content) => {
      // Not every server heeds the condition: what is there already is seen by all of them, what comes in the same instant by those that do.
      if (await has(name)) return false;
      return client.send(new PutObjectCommand({ Bucket, Key: keyOf(name), Body: content, IfNoneMatch: '*' })).then(() => true, (error: unknown) => {
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return false;
        throw error;
      });
    },
    get: async (name) => {
      const answer = await found(() => client.send(new GetObjectCommand({ Bucket, Key: keyOf(name) })));
      return answer?.Body instanceof Readable ? answer.Body : undefined;
    },
    list: (begin) => listOf(client, { Bucket, prefix, pageSize }, begin),
    remove: async (name) => { await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(name) })); },
    close: () => { client.destroy(); },
  };
}

async function checkOpens(client: S3Client, bucket: string, title: string): Promise<void> {
  try {
    // A bucket that is not there yet is made: whoever may not is told so.
    if (await found(() => client.send(new HeadBucketCommand({ Bucket: bucket }))) === undefined) await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (cause) {
    client.destroy();
    const status = cause instanceof S3ServiceException ? cause.$metadata.httpStatusCode : undefined;
    const got = status === 403 || status === 401 ? 'these credentials may not use it' : messageOf(cause);
    throw new LabError('NO_STORE', `Expected to open the store, ${title}: ${got}`, { blame: 'lab', stage: 'store', hint: 'AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... VLAB_STORE=s3://BUCKET?endpoint=URL', cause });
  }
}

type Listing = { Bucket: string; prefix: string; pageSize: number | undefined };

async function* listOf(client: S3Client, { Bucket, prefix, pageSize }: Listing, begin: string): AsyncGenerator<Listed> {
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix + begin, ...(pageSize === undefined ? {} : { MaxKeys: pageSize }), ...(ContinuationToken === undefined ? {} : { ContinuationToken }) }));
    for (const { Key, Size, LastModified } of page.Contents ?? []) if (Key !== undefined) yield { name: Key.slice(prefix.length), bytes: Size ?? 0, at: LastModified ?? new Date() };
    ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (ContinuationToken !== undefined);
}

/** Undefined where the server says that it is not there. */
async function found<T>(ask: () => Promise<T>): Promise<T | undefined> {
  return ask().catch((error: unknown) => {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
    throw error;
  });
}
