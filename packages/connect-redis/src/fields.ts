import { type Context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { jsonText, type MessageField, messageFields, shapeJson } from "@org/bus-connect";
import { type AnyContract, BusError, type HeaderValue, type RecordHeaders } from "@org/bus-core";

/** Fields of a hash or of an entry of a stream, in order. */
export type Fields = readonly (readonly [name: string, value: string | Uint8Array])[];

/** Fields of entries that are headers of the record: `header:traceparent`. */
export const HEADER_PREFIX = "header:";

/** The field of what has no fields of its own: text, bytes, a list, a number. */
const CONTENT = "value";

/** A field for each field that a message has, for each property that an object has; nothing else has fields. */
export function fieldsOf(value: unknown, contract?: AnyContract): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array) return [[CONTENT, textOf(value)]];
  const declared = contract === undefined ? undefined : messageFields(contract, value);
  if (declared !== undefined) return declared.map((member) => [member.field.property, fieldText(member)] as const);
  return Object.entries(value).flatMap(([name, property]) =>
    property === undefined || property === null ? [] : [[name, textOf(property)] as const],
  );
}

/** Bytes as they are, everything else as in JSON, texts without its quotes. */
function fieldText({ field, value }: MessageField): string | Uint8Array {
  if (value instanceof Uint8Array) return value;
  const json = shapeJson(field.shape, value);
  return typeof json === "string" ? json : JSON.stringify(json);
}

/** One value as Redis keeps it. */
export function textOf(value: unknown, contract?: AnyContract): string | Uint8Array {
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === "object" ? jsonText(value, contract) : textOfScalar(value);
  if (text === undefined) throw new BusError("malformed_message", "has no text to be kept as");
  return text;
}

const textOfScalar = (value: unknown): string | undefined =>
  value === undefined || typeof value === "function" || typeof value === "symbol" ? undefined : String(value);

/** The headers of a record, and its context, as fields of an entry. Of a header with several values the last one counts. */
export function headerFields(headers: RecordHeaders, context: Context): Fields {
  const fields = new Map<string, string | Uint8Array>();
  for (const [name, value] of Object.entries(headers)) {
    const last = value instanceof Uint8Array ? value : value.at(-1);
    if (last !== undefined) fields.set(name, last);
  }
  if (context !== ROOT_CONTEXT) propagation.inject(context, fields, { set: (into, name, value) => into.set(name, value) });
  return [...fields].map(([name, value]) => [HEADER_PREFIX + name, value] as const);
}

/** The context that an entry came with. */
export function contextOf(headers: RecordHeaders): Context {
  return propagation.extract(ROOT_CONTEXT, headers, {
    keys: (from) => Object.keys(from),
    get: (from, name) => {
      const value: HeaderValue | undefined = from[name];
      return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined;
    },
  });
}
