import type { AnyContract, Duration, FieldDescription, JsonValue, ShapeDescription, Timestamp, TimestampInit, TypeDescription } from "@org/bus-core";
import { timestampFromDate } from "@org/bus-core";
import { formatDuration, formatTimestamp } from "@org/bus-core/internal";

type Message = Readonly<Record<string, unknown>>;

/**
 * A message as the JSON of Protobuf, except that enums are numbers: 64-bit integers are text, bytes base64, times RFC 3339, cases of oneofs properties.
 * Undefined for a contract that does not describe itself.
 */
export function messageJson(contract: AnyContract, message: object): Readonly<Record<string, JsonValue>> | undefined {
  const fields = messageFields(contract, message);
  return fields && Object.fromEntries(fields.map(({ field, value }) => [field.property, shapeJson(field.shape, value)]));
}

/** A field that a message has, and its value. */
export interface MessageField {
  readonly field: FieldDescription;
  readonly value: unknown;
}

/** The fields that a message has, cases of oneofs among them; undefined for a contract that does not describe itself. */
export function messageFields(contract: AnyContract, message: object): readonly MessageField[] | undefined {
  return contract.describe?.().members.flatMap((member): readonly MessageField[] => {
    const value = (message as Message)[member.property];
    if (value === undefined) return [];
    if (member.kind === "field") return [{ field: member, value }];
    const chosen = value as { readonly case: string; readonly value: unknown };
    return member.fields.filter(({ property }) => property === chosen.case).map((field) => ({ field, value: chosen.value }));
  });
}

/** The value of a field, as `messageJson` has it. */
export function shapeJson(shape: ShapeDescription, value: unknown): JsonValue {
  if (shape.kind === "single") return typeJson(shape.value.type, value);
  if (shape.kind === "list") return (value as readonly unknown[]).map((item) => typeJson(shape.item.type, item));
  const entries = value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : Object.entries(value as Message);
  return Object.fromEntries(entries.map(([key, entry]) => [String(key), typeJson(shape.value.type, entry)]));
}

function typeJson(type: TypeDescription, value: unknown): JsonValue {
  switch (type.kind) {
    case "scalar":
    case "wrapper":
      return scalarJson(value);
    case "timestamp":
      return timestampText(value as TimestampInit);
    case "duration":
      return durationText(value as Duration);
    case "message":
      return messageJson(type.message, value as Message) ?? (value as JsonValue);
    case "any": {
      const any = value as { readonly typeUrl: string; readonly value: Uint8Array };
      return { typeUrl: any.typeUrl, value: scalarJson(any.value) };
    }
    case "field_mask":
      return (value as { readonly paths: readonly string[] }).paths.join(",");
    default:
      // enums are numbers, and struct, value and list_value are JSON already
      return value as JsonValue;
  }
}

function scalarJson(value: unknown): JsonValue {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value as JsonValue;
}

/** A valid message has no time that RFC 3339 has not. */
function timestampText(value: TimestampInit): string {
  const time: Readonly<Timestamp> = value instanceof Date ? timestampFromDate(value) : value;
  return formatTimestamp(time) ?? `${time.seconds}.${String(time.nanos).padStart(9, "0")}`;
}

const durationText = (value: Duration): string => formatDuration(value) ?? `${value.seconds}s`;
