/**
 * What Google's conformance runner for Protobuf talks to: answers each request that comes on stdin, until it ends.
 *
 *     node program.js DESCRIPTOR_SET
 */
import { readFileSync, readSync, writeSync } from "node:fs";
import { compileContracts } from "@org/bus-core/compiler";
import { answer } from "./answer.js";

const registry = compileContracts(readFileSync(process.argv[2] ?? ""));

/** The next `length` bytes of stdin; undefined at its end. */
function read(length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = readSync(0, bytes, at, length - at, null);
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

for (let head = read(4); head !== undefined; head = read(4)) {
  const request = read(head.readUInt32LE());
  if (request === undefined) break;
  const response = answer(registry, request);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(response.length);
  write(length);
  write(response);
}
