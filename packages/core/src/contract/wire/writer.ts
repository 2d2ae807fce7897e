import type { Writer } from "protobufjs/minimal.js";

export { Writer } from "protobufjs/minimal.js";

/** What the Writer takes for 64 bits that no number holds. */
interface Halves {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

/** For int64 and uint64: both are written as their two's complement. */
export function writeInt64(writer: Writer, value: bigint): void {
  writer.int64(writable(value));
}

export function writeSint64(writer: Writer, value: bigint): void {
  writer.sint64(writable(value));
}

/** For fixed64 and sfixed64. */
export function writeFixed64(writer: Writer, value: bigint): void {
  writer.fixed64(writable(value));
}

const maxSafe = 2n ** 53n;

function writable(value: bigint): number | Halves {
  if (value > -maxSafe && value < maxSafe) return Number(value);
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: false };
}
