import { type Context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import type { HeaderValue, RecordHeaders } from "@org/bus-core";
import type { MessageProperties, Options } from "amqplib";

/** Record headers that stand for properties of a message, both ways. */
const PROPERTIES = {
  "amqp-content-type": "contentType",
  "amqp-content-encoding": "contentEncoding",
  "amqp-correlation-id": "correlationId",
  "amqp-reply-to": "replyTo",
  "amqp-type": "type",
  "amqp-app-id": "appId",
} as const satisfies Readonly<Record<string, keyof Options.Publish>>;

/** All that begins so is of this package, and no header of a message. */
const PREFIX = "amqp-";

type AmqpTable = Readonly<Record<string, unknown>>;

/** The trace and baggage that a message came with. */
export function contextOf(headers: AmqpTable | undefined): Context {
  const getter = {
    keys: (table: AmqpTable) => Object.keys(table),
    get: (table: AmqpTable, name: string) => {
      const value = table[name];
      return typeof value === "string" || value instanceof Uint8Array ? value.toString() : undefined;
    },
  };
  return propagation.extract(ROOT_CONTEXT, headers ?? {}, getter);
}

/** The headers and properties of a message as those of a record. What is no text and no bytes becomes JSON: numbers, tables such as `x-death`. */
export function recordHeaders({ headers, ...properties }: MessageProperties, more: Readonly<Record<string, string>>): RecordHeaders {
  const result: Record<string, HeaderValue> = {};
  for (const [name, value] of Object.entries(headers ?? {})) result[name] = bytesOf(value);
  for (const [name, property] of Object.entries(PROPERTIES)) {
    const value: unknown = properties[property];
    if (typeof value === "string") result[name] = Buffer.from(value);
  }
  for (const [name, value] of Object.entries(more)) result[PREFIX + name] = Buffer.from(value);
  return result;
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return Buffer.from(typeof value === "string" ? value : (JSON.stringify(value) ?? "null"));
}

/** The headers of a record, and its context, as properties of a message. Of a header with several values the last one counts. */
export function messageHeaders(headers: RecordHeaders, context: Context): Options.Publish {
  const properties: Options.Publish = {};
  const table: Record<string, string | Buffer> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = value instanceof Uint8Array ? value : value.at(-1);
    if (last === undefined) continue;
    const property = PROPERTIES[name as keyof typeof PROPERTIES];
    if (property !== undefined) properties[property] = Buffer.from(last).toString();
    else if (!name.startsWith(PREFIX)) table[name] = textOrBytes(last);
  }
  if (context !== ROOT_CONTEXT) propagation.inject(context, table);
  return { ...properties, headers: table };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOrBytes(value: Uint8Array): string | Buffer {
  try {
    return utf8.decode(value);
  } catch {
    return Buffer.from(value);
  }
}
