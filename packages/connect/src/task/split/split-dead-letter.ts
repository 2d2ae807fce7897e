import type { OutgoingRecord } from "@org/bus-core";
import type { RawRecord } from "@org/bus-core/internal";
import { CarriedRecord } from "./carried-record.js";
import { keyBytes } from "./split-log.js";

export interface DeadLetterPlace {
  readonly topic: string;
  readonly connector: string;
  readonly split: string;
}

const encoder = new TextEncoder();

/** What says where a record of the bus lay: a record of a source lay elsewhere. */
const ofTheBus = ["bus-dlq-topic", "bus-dlq-partition", "bus-dlq-offset", "bus-dlq-timestamp", "bus-dlq-group"];

/**
 * The dead letter of a record of a source: its key, its value as it was read (bytes and text as they are, everything else as JSON) and its headers; and, as in
 * every dead letter, how it failed, with these in the place of topic, partition, offset and group:
 *
 * | header | meaning |
 * |---|---|
 * | `bus-dlq-connector` | the connector |
 * | `bus-dlq-split` | the split of the source |
 * | `bus-dlq-source-id` | who the record is in its source |
 *
 * @returns undefined for a record that is no dead letter of a source
 */
export function deadLetterOf(letter: RawRecord, place: DeadLetterPlace): OutgoingRecord | undefined {
  if (!(letter.value instanceof CarriedRecord)) return undefined;
  const { carried } = letter.value;
  const headers = { ...("value" in carried ? carried.headers : {}), ...letter.headers };
  for (const name of ofTheBus) delete headers[name];
  const [value, contentType] = "value" in carried ? original(carried.value) : ([carried.original, "application/octet-stream"] as const);
  const text = {
    "bus-dlq-connector": place.connector,
    "bus-dlq-split": place.split,
    "bus-dlq-source-id": carried.id,
    "content-type": contentType,
    ...("value" in carried ? {} : { "bus-dlq-stage": "source" }),
  };
  for (const [name, value] of Object.entries(text)) headers[name] = encoder.encode(value);
  return { topic: place.topic, partition: 0, key: "value" in carried ? keyBytes(carried) : null, value, headers, timestamp: letter.timestamp };
}

function original(value: unknown): readonly [Uint8Array | null, string] {
  if (value instanceof Uint8Array) return [value, "application/octet-stream"];
  if (typeof value === "string") return [encoder.encode(value), "text/plain"];
  return [value === undefined ? null : encoder.encode(JSON.stringify(value, plain)), "application/json"];
}

/** What JSON has no form for: as Protobuf writes it. */
function plain(this: unknown, _name: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}
