import { createGunzip } from "node:zlib";
import { BusError } from "@org/bus-core";
import type { Input } from "./input.js";
import type { ReaderOptions } from "./reader.js";

/** Text of bytes, and an error instead of a replacement character. */
export function strictDecoder(encoding: ReaderOptions["encoding"]): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new BusError("malformed_message", `is not ${encoding}: set encoding to that of the file`, { cause });
    }
  };
}

/** The bytes of a text from `start` on, where `start` counts them as they are when they are not compressed. */
export async function* textBytes(input: Input, start: number, compressed: boolean): AsyncIterable<Buffer> {
  if (!compressed) {
    for await (const chunk of input.stream(start)) yield asBuffer(chunk);
    return;
  }
  let toSkip = start;
  for await (const chunk of unzip(input)) {
    if (toSkip < chunk.length) yield chunk.subarray(toSkip);
    toSkip = Math.max(0, toSkip - chunk.length);
  }
}

async function* unzip(input: Input): AsyncIterable<Buffer> {
  const gunzip = createGunzip();
  const feeding = feed(input, gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
    await feeding;
  } catch (cause) {
    if (cause instanceof BusError || !isZlibError(cause)) throw cause;
    throw new BusError(
      "malformed_message",
      `${input.name} is not whole as gzip (${cause.code}): write it under another name and rename it when it is complete`,
      { cause },
    );
  } finally {
    gunzip.destroy();
    await feeding.catch(() => {});
  }
}

async function feed(input: Input, gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const chunk of input.stream(0)) {
      if (gunzip.destroyed) return;
      if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once("drain", resolve).once("close", resolve));
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

function isZlibError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Without the byte order mark that some programs begin UTF-8 with. */
export async function* withoutByteOrderMark(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < byteOrderMark.length) continue;
    yield head.subarray(0, 3).equals(byteOrderMark) ? head.subarray(3) : head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}
