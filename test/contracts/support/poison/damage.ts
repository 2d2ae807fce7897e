import type { Random } from "./random.js";

type Damage = (random: Random, bytes: number[], other: readonly number[]) => number[];

const at = (random: Random, bytes: readonly number[]): number => random.below(bytes.length + 1);

/** Byte sequences that decoders stumble over. */
const stumblingBlocks: readonly (readonly number[])[] = [
  [0x00],
  [0xff],
  [0x80],
  // a varint of ten bytes, of eleven, and a zero of five
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x00],
  // a length of 2^31 - 1, of 2^32 - 1, and of 2^35
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  // the highest field number, and one beyond
  [0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x10, 0x01],
  // groups that begin, end, and have no such wire type
  [0x0b],
  [0x0c],
  [0x0e],
  // text that is no UTF-8
  [0xed, 0xa0, 0x80],
  [0xc0, 0x80],
  [0xf5],
];

const damages: readonly Damage[] = [
  function flipBits(random, bytes) {
    for (let count = random.below(3); count >= 0 && bytes.length > 0; count--) {
      const index = random.below(bytes.length);
      bytes[index] = (bytes[index] ?? 0) ^ (1 << random.below(8));
    }
    return bytes;
  },
  function cutOff(random, bytes) {
    return bytes.slice(0, at(random, bytes));
  },
  function cutOut(random, bytes) {
    bytes.splice(at(random, bytes), 1 + random.below(3));
    return bytes;
  },
  function insert(random, bytes) {
    bytes.splice(at(random, bytes), 0, ...random.pick(stumblingBlocks));
    return bytes;
  },
  function replace(random, bytes) {
    bytes.splice(at(random, bytes), 1, ...random.pick(stumblingBlocks));
    return bytes;
  },
  function append(random, bytes) {
    return [...bytes, ...random.pick(stumblingBlocks)];
  },
  function splice(random, bytes, other) {
    return [...bytes.slice(0, at(random, bytes)), ...other.slice(at(random, other))];
  },
  function concatenate(_random, bytes, other) {
    return [...bytes, ...other];
  },
  function repeat(random, bytes) {
    const from = at(random, bytes);
    const part = bytes.slice(from, from + random.below(16));
    return [...bytes.slice(0, from), ...part, ...bytes.slice(from)];
  },
  function nothing(_random, bytes) {
    return bytes;
  },
];

/** `bytes` after one or two mishaps; `other` is what may get mixed up with them. */
export function damage(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const mixed = [...other];
  let damaged = random.pick(damages)(random, [...bytes], mixed);
  if (random.once(3)) damaged = random.pick(damages)(random, damaged, mixed);
  return Uint8Array.from(damaged);
}
