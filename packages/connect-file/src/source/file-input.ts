import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
import type { Input } from "../formats/input.js";

/** How much of each end of a file tells it from others, in bytes. */
const fingerprintBytes = 4096;

/** Which file was read: its size then, and hashes of its beginning and of its end. A change in the middle alone is not seen. */
export const fingerprintSchema = z.strictObject({ bytes: z.int().min(0), head: z.string(), tail: z.string() });
export type Fingerprint = z.output<typeof fingerprintSchema>;

/** An open file. It stays the same one when another is renamed over it. */
export interface FileInput extends Input, AsyncDisposable {
  readonly fingerprint: Fingerprint;
  /** Whether what `fingerprint` was taken of is the beginning of this file: it is the same, or has grown. */
  beginsWith(fingerprint: Fingerprint): Promise<boolean>;
}

/** Opens a file under the name that its records are to have. */
export async function openFile(path: string, name: string): Promise<FileInput> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    return {
      name,
      bytes: size,
      fingerprint: await fingerprintOf(file, size),
      async beginsWith(expected) {
        if (size < expected.bytes) return false;
        const actual = await fingerprintOf(file, expected.bytes);
        return actual.head === expected.head && actual.tail === expected.tail;
      },
      // only as far as the file went when it was opened: what is appended meanwhile comes at the next start
      stream: (start) => (start >= size ? noBytes() : file.createReadStream({ start, end: size - 1, autoClose: false })),
      slice: (start, end) => readRange(file, start, end),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function fingerprintOf(file: FileHandle, bytes: number): Promise<Fingerprint> {
  const head = await readRange(file, 0, Math.min(fingerprintBytes, bytes));
  const tail = await readRange(file, Math.max(0, bytes - fingerprintBytes), bytes);
  return { bytes, head: hashOf(head), tail: hashOf(tail) };
}

function hashOf(bytes: ArrayBuffer): string {
  return createHash("sha256").update(new Uint8Array(bytes)).digest("base64url").slice(0, 22);
}

async function readRange(file: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const buffer = new Uint8Array(end - start);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, start + filled);
    if (bytesRead === 0) return buffer.buffer.slice(0, filled);
    filled += bytesRead;
  }
  return buffer.buffer;
}

async function* noBytes(): AsyncIterable<Uint8Array> {}
