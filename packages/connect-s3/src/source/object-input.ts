import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Input } from "@org/bus-connect-file/internal";

/** An object, as it was listed. */
export interface StoredObject {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Reads an object by ranges, as long as it is the one that was listed. */
export function objectInput(client: S3Client, bucket: string, { key, etag, bytes }: StoredObject, signal: AbortSignal): Input {
  const get = async (range: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, Range: range }), { abortSignal: signal });
    if (Body === undefined) throw new Error(`${key} has come without a body`);
    return Body;
  };
  return {
    name: key,
    bytes,
    async *stream(start) {
      if (start >= bytes) return;
      // in Node a body is a Readable, which is let go of when the loop ends
      yield* (await get(`bytes=${start}-`)) as unknown as AsyncIterable<Uint8Array>;
    },
    async slice(start, end) {
      if (start === end) return new ArrayBuffer(0);
      const part = await (await get(`bytes=${start}-${end - 1}`)).transformToByteArray();
      return Uint8Array.from(part).buffer;
    },
  };
}
