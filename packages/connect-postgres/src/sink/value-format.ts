import { shapeJson } from "@org/bus-connect";
import type { Duration, ShapeDescription, TimestampInit, TypeDescription } from "@org/bus-core";
import { durationSeconds, timestampText } from "./time-text.js";

/** The type of a column and how a value of it is written. */
export interface ValueFormat {
  readonly type: string;
  /** Of a value that is there, as PostgreSQL reads it. */
  text(value: unknown): string;
}

const plain = (type: string): ValueFormat => ({ type, text: String });

/** Unsigned integers have the next larger type, for PostgreSQL has none. */
const SCALARS: Readonly<Record<string, ValueFormat>> = {
  double: plain("double precision"),
  float: plain("real"),
  int32: plain("integer"),
  sint32: plain("integer"),
  sfixed32: plain("integer"),
  uint32: plain("bigint"),
  fixed32: plain("bigint"),
  int64: plain("bigint"),
  sint64: plain("bigint"),
  sfixed64: plain("bigint"),
  uint64: plain("numeric(20)"),
  fixed64: plain("numeric(20)"),
  bool: plain("boolean"),
  string: { type: "text", text: (value) => value as string },
  bytes: { type: "bytea", text: (value) => `\\x${Buffer.from(value as Uint8Array).toString("hex")}` },
};

/** How a field is kept: times to the microsecond, enums by their number, lists of single values as arrays, everything else as JSON. */
export function shapeFormat(shape: ShapeDescription): ValueFormat {
  const json: ValueFormat = { type: "jsonb", text: (value) => JSON.stringify(shapeJson(shape, value)) };
  if (shape.kind === "single") return singleFormat(shape.value.type) ?? json;
  const item = shape.kind === "list" ? singleFormat(shape.item.type) : undefined;
  return item === undefined ? json : { type: `${item.type}[]`, text: (items) => arrayText(items as readonly unknown[], item) };
}

/** Undefined for what only JSON can hold. */
function singleFormat(type: TypeDescription): ValueFormat | undefined {
  switch (type.kind) {
    case "scalar":
      return SCALARS[type.scalar];
    case "wrapper":
      return SCALARS[type.scalar.scalar];
    case "enum":
      return plain("integer");
    case "timestamp":
      return { type: "timestamptz", text: (value) => timestampText(value as TimestampInit) };
    case "duration":
      return { type: "interval", text: (value) => `${durationSeconds(value as Duration)} seconds` };
    default:
      return undefined;
  }
}

function arrayText(items: readonly unknown[], format: ValueFormat): string {
  return `{${items.map((item) => `"${format.text(item).replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
