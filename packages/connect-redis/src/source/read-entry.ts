import { isUtf8 } from "node:buffer";
import { type ConnectRecord, checkedBy, type UnreadableRecord } from "@org/bus-connect";
import { BusError, type HeaderValue } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import { contextOf, HEADER_PREFIX } from "../fields.js";
import type { RedisEntry } from "./entry.js";
import type { ResolvedRedisStreamSourceOptions } from "./options.js";

export type ReadOptions = Pick<ResolvedRedisStreamSourceOptions, "field" | "format" | "schema" | "key" | "maxDeliveries">;

export type ReadEntry<T> = { readonly record: ConnectRecord<T> } | { readonly unreadable: UnreadableRecord };

/** W3C names under which other programs may keep the trace of an entry. */
const CONTEXT_FIELDS = ["traceparent", "tracestate", "baggage"];

/** What an entry is that was handed out `deliveries` times, or why it is nothing. */
export function readEntry<T>(entry: RedisEntry, deliveries: number, options: ReadOptions): ReadEntry<T> {
  const id = `${entry.stream}/${entry.id}`;
  try {
    if (deliveries > options.maxDeliveries) {
      throw new BusError(
        "malformed_message",
        `was handed out ${deliveries} times and never acknowledged, it is taken for poison (maxDeliveries ${options.maxDeliveries})`,
      );
    }
    const headers: Record<string, HeaderValue> = {};
    for (const [name, value] of entry.fields) {
      if (name.startsWith(HEADER_PREFIX)) headers[name.slice(HEADER_PREFIX.length)] = value;
      else if (CONTEXT_FIELDS.includes(name)) headers[name] = value;
    }
    if (deliveries > 1) headers["redis-deliveries"] = Buffer.from(String(deliveries));
    const record: ConnectRecord<T> = {
      // T is what the user's schema makes, or what the user says of a stream without one
      value: checkedBy(options.schema, content(entry, options), "the value") as T,
      id,
      key: options.key?.(entry) ?? null,
      // ids that Redis gives begin with its time
      timestamp: timeOf(entry.id),
      headers,
      context: contextOf(headers),
    };
    return { record };
  } catch (cause) {
    const faults = cause instanceof BusError ? { violations: cause.violations, cause } : { cause };
    return { unreadable: { id, error: new BusError("malformed_message", `${id} ${messageOf(cause)}`, faults), original: originalOf(entry) } };
  }
}

/** The fields as JSON; bytes that are no text as `{ "base64": … }`. */
function originalOf({ fields }: RedisEntry): Uint8Array {
  const values = [...fields].map(([name, value]) => [name, isUtf8(value) ? value.toString() : { base64: value.toString("base64") }] as const);
  return Buffer.from(JSON.stringify(Object.fromEntries(values)));
}

/** Undefined for ids that a program has chosen and that cannot be a time: before 2001. */
function timeOf(id: string): number | undefined {
  const time = Number(id.split("-")[0]);
  return time >= 1e12 ? time : undefined;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function content({ fields }: RedisEntry, { field, format }: ReadOptions): unknown {
  if (field === undefined) {
    const own = [...fields].filter(([name]) => !name.startsWith(HEADER_PREFIX) && !CONTEXT_FIELDS.includes(name));
    return Object.fromEntries(own.map(([name, value]) => [name, decoded(name, value)]));
  }
  const value = fields.get(field);
  if (value === undefined) throw new BusError("malformed_message", `has no field ${field} (there are ${[...fields.keys()].join(", ")})`);
  if (format === "bytes") return Uint8Array.from(value);
  const text = decoded(field, value);
  if (format === "text") return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    // without the cause's message, which repeats the content
    throw new BusError("malformed_message", `has no JSON in the field ${field}`, { cause });
  }
}

function decoded(name: string, value: Buffer): string {
  try {
    return utf8.decode(value);
  } catch (cause) {
    throw new BusError("malformed_message", `has no UTF-8 in the field ${name}, name it in field with format "bytes"`, { cause });
  }
}
