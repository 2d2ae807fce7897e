import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Input } from "@org/bus-connect-file/internal";
import { chunksInTime } from "./chunks-in-time.js";

/** An object, as it was listed. */
export interface StoredObject {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

interface Bucket {
  readonly bucket: string;
  readonly requestTimeoutMs: number;
}

/** Reads an object by ranges, as long as it is the one that was listed. */
export function objectInput(client: S3Client, { bucket, requestTimeoutMs }: Bucket, { key, etag, bytes }: StoredObject, signal: AbortSignal): Input {
  const get = async (range: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, Range: range }), { abortSignal: signal });
    if (Body === undefined) throw new Error(`${key} has come without a body`);
    // in Node a body is a Readable
    return chunksInTime(Body as unknown as AsyncIterable<Uint8Array>, key, requestTimeoutMs);
  };
  return {
    name: key,
    bytes,
    async *stream(start) {
      if (start >= bytes) return;
      yield* await get(`bytes=${start}-`);
    },
    async slice(start, end) {
      if (start === end) return new ArrayBuffer(0);
      const part: Uint8Array[] = [];
      for await (const chunk of await get(`bytes=${start}-${end - 1}`)) part.push(chunk);
      return Uint8Array.from(Buffer.concat(part)).buffer;
    },
  };
}
