import type { AnyContract, Duration, FieldDescription, JsonValue, ShapeDescription, TimestampInit, TypeDescription } from "@org/bus-core";
import { durationSeconds, timestampText } from "./time-text.js";

type Message = Readonly<Record<string, unknown>>;

/** What `jsonb` columns hold: as the JSON of Protobuf, except that enums are numbers. 64-bit integers are text, bytes base64, times RFC 3339. */
export function jsonOfShape(shape: ShapeDescription, value: unknown): JsonValue {
  if (shape.kind === "single") return jsonOfType(shape.value.type, value);
  if (shape.kind === "list") return (value as readonly unknown[]).map((item) => jsonOfType(shape.item.type, item));
  const entries = value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : Object.entries(value as Message);
  return Object.fromEntries(entries.map(([key, entry]) => [String(key), jsonOfType(shape.value.type, entry)]));
}

function jsonOfType(type: TypeDescription, value: unknown): JsonValue {
  switch (type.kind) {
    case "scalar":
      return jsonOfScalar(value);
    case "wrapper":
      return jsonOfScalar(value);
    case "timestamp":
      return timestampText(value as TimestampInit);
    case "duration":
      return `${durationSeconds(value as Duration)}s`;
    case "message":
      return jsonOfMessage(type.message, value as Message);
    case "any": {
      const any = value as { readonly typeUrl: string; readonly value: Uint8Array };
      return { typeUrl: any.typeUrl, value: jsonOfScalar(any.value) };
    }
    case "field_mask":
      return (value as { readonly paths: readonly string[] }).paths.join(",");
    default:
      // enums are numbers, and struct, value and list_value are JSON already
      return value as JsonValue;
  }
}

function jsonOfMessage(contract: AnyContract, message: Message): JsonValue {
  const json: Record<string, JsonValue> = {};
  const add = (field: FieldDescription, value: unknown): void => {
    if (value !== undefined) json[field.property] = jsonOfShape(field.shape, value);
  };
  for (const member of contract.describe?.().members ?? []) {
    if (member.kind === "field") {
      add(member, message[member.property]);
      continue;
    }
    const chosen = message[member.property] as { readonly case: string; readonly value: unknown } | undefined;
    for (const field of member.fields) if (field.property === chosen?.case) add(field, chosen.value);
  }
  return json;
}

function jsonOfScalar(value: unknown): JsonValue {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value as JsonValue;
}
