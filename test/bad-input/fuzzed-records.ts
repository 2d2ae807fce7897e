import type { OutgoingRecord } from "@org/bus-core";
import { Step } from "../contracts/gen/streams/v1/step.js";

/** A record that nobody should have written, and what is wrong with it. */
export interface FuzzedRecord {
  readonly kind: string;
  readonly record: OutgoingRecord;
}

const good = Step.encode({ track: "good", position: 7 });

type Make = (random: () => number) => Partial<OutgoingRecord>;

const bytesOf = (random: () => number, length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));

const kinds: Readonly<Record<string, Make>> = {
  random: (random) => ({ value: bytesOf(random, 1 + Math.floor(random() * 200)) }),
  truncated: (random) => ({ value: good.subarray(0, 1 + Math.floor(random() * (good.length - 1))) }),
  "bit-flipped": (random) => {
    const value = Uint8Array.from(good);
    const index = Math.floor(random() * value.length);
    value[index] = (value[index] ?? 0) ^ (1 << Math.floor(random() * 8));
    return { value };
  },
  // field 1, then a length of 2^31 - 1, 2^32 - 1 or 2^63 and more
  "huge length": (random) => ({
    value: [
      Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07),
      Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f),
      Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
    ][Math.floor(random() * 3)] as Uint8Array,
  }),
  "open group": () => ({ value: new Uint8Array(5_000).fill(0x1b) }),
  "not UTF-8": () => ({ value: Uint8Array.of(0x0a, 0x02, 0xc3, 0x28) }),
  "null value": () => ({ value: null }),
  "null key and value": () => ({ key: null, value: null }),
  "empty value": () => ({ value: new Uint8Array() }),
  "unknown type": () => ({ value: good, headers: { "bus-message-type": Buffer.from("orders.v1.OrderPlaced") } }),
  "type of a megabyte": () => ({ value: good, headers: { "bus-message-type": Buffer.alloc(900_000, "x") } }),
  "broken headers": (random) => ({
    value: good,
    headers: { traceparent: bytesOf(random, 55), tracestate: bytesOf(random, 20), baggage: Buffer.from("%%%=,;=;"), "": new Uint8Array() },
  }),
  "many headers": () => ({ value: good, headers: { baggage: Array.from({ length: 2_000 }, (_, index) => Buffer.from(`k${index}=v`)) } }),
  "large header": () => ({ value: good, headers: { note: Buffer.alloc(900_000, 0x20) } }),
  "key that is no text": (random) => ({ key: bytesOf(random, 16), value: bytesOf(random, 40) }),
  "time before the epoch": () => ({ value: bytesOf(() => 0.99, 5), timestamp: 0 }),
};

export const fuzzedKinds: readonly string[] = Object.keys(kinds);

/** `count` records of every kind in turn, for `partitions` partitions. The same seed makes the same. */
export function fuzzedRecords(topic: string, partitions: number, count: number, random: () => number): FuzzedRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = fuzzedKinds[index % fuzzedKinds.length] ?? "random";
    const partition = Math.floor(random() * partitions);
    const key = Buffer.from(`fuzzed-${index}`);
    return { kind, record: { topic, partition, key, value: null, headers: {}, timestamp: Date.now(), ...kinds[kind]?.(random) } };
  });
}
