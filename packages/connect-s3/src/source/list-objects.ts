import { HeadObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { formatOfName } from "@org/bus-connect-file/internal";
import { isAbsent } from "../client/errors.js";
import type { StoredObject } from "./object-input.js";
import type { ResolvedS3SourceOptions } from "./options.js";

/** Behind which object to look. */
export interface After {
  readonly key: string;
  readonly modifiedMs: number;
}

type Place = Pick<ResolvedS3SourceOptions, "bucket" | "match" | "order">;

/** The objects behind `after`, in the order of the options. By key they come as they are listed; by time all are listed first. */
export async function* objectsAfter(
  client: S3Client,
  place: Place,
  prefix: string,
  after: After | undefined,
  signal: AbortSignal,
): AsyncIterable<StoredObject> {
  if (place.order === "key") {
    yield* listed(client, place, prefix, after?.key, signal);
    return;
  }
  const found: StoredObject[] = [];
  for await (const object of listed(client, place, prefix, undefined, signal)) if (after === undefined || isBehind(object, after)) found.push(object);
  yield* found.sort((a, b) => (isBehind(a, b) ? 1 : -1));
}

function isBehind(a: After, b: After): boolean {
  return a.modifiedMs === b.modifiedMs ? a.key > b.key : a.modifiedMs > b.modifiedMs;
}

async function* listed(
  client: S3Client,
  { bucket, match }: Place,
  prefix: string,
  after: string | undefined,
  signal: AbortSignal,
): AsyncIterable<StoredObject> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(after !== undefined && { StartAfter: after }),
        ...(token !== undefined && { ContinuationToken: token }),
      }),
      { abortSignal: signal },
    );
    for (const { Key: key = "", ETag: etag = "", Size: bytes = 0, LastModified } of page.Contents ?? []) {
      const isWanted = match === undefined ? formatOfName(key) !== undefined : key.search(match) !== -1;
      if (isWanted) yield { key, etag, bytes, modifiedMs: LastModified?.getTime() ?? 0 };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

/** An object as it is now; undefined where it is gone. */
export async function objectNow(client: S3Client, bucket: string, key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
    return { key, etag: head.ETag ?? "", bytes: head.ContentLength ?? 0, modifiedMs: head.LastModified?.getTime() ?? 0 };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
