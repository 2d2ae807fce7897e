import type { Loose } from "../closures/links.js";
import type { ValueType } from "../compiler/plan.js";
import type { AnyInit } from "../wire/any.js";
import type { FieldMaskInit } from "../wire/field-mask.js";
import { type DurationInit, type TimestampInit, timestampFromDate } from "../wire/timestamp.js";
import { formatFieldMask } from "./field-mask-text.js";
import { formatDuration, formatTimestamp } from "./time-text.js";
import { anyOutput } from "./write-any.js";
import { jsonOutput } from "./write-json-value.js";
import { type JsonOutput, scalarOutput } from "./write-scalar.js";
import type { JsonWriting } from "./writing.js";

/** A value as `JSON.stringify` takes it; anything after a fault. */
export function valueOutput(writing: JsonWriting, type: ValueType, value: unknown): JsonOutput {
  switch (type.kind) {
    case "scalar":
      return scalarOutput(type, value);
    case "wrapper":
      return scalarOutput(type.scalar, value);
    case "null_value":
      return value as null | number;
    case "enum":
      return writing.types.enumNames(type.enum.typeName).names.get(value as number) ?? (value as number);
    case "message": {
      const message = writing.types.message(type.message.typeName);
      if (message === undefined) throw new TypeError(`no plan of ${type.message.typeName}`);
      return writing.writeMembers(writing, message, value as Loose);
    }
    case "timestamp": {
      const time = value as TimestampInit;
      return orFault(writing, formatTimestamp(time instanceof Date ? timestampFromDate(time) : time), "must be between the years 1 and 9999");
    }
    case "duration":
      return orFault(writing, formatDuration(value as DurationInit), "must be of at most 10,000 years, with parts of one sign");
    case "field_mask":
      return orFault(
        writing,
        formatFieldMask((value as FieldMaskInit).paths ?? []),
        "must have paths in lower_snake_case, others have no form in JSON",
      );
    case "any":
      return anyOutput(writing, value as AnyInit, valueOutput);
    case "empty":
      return {};
    default:
      return jsonOutput(writing, value as never);
  }
}

function orFault({ faults }: JsonWriting, text: string | undefined, expectation: string): string {
  if (text === undefined) faults.add("", "range", expectation);
  return text ?? "";
}
