import type { RulePlan, WellKnownKind } from "../plan.js";

/** What the runtime has for a type of `google.protobuf`: names of its types and functions. */
interface WellKnownCode {
  readonly decoded: string;
  readonly init: string;
  /** `(faults, path, value)` */
  readonly check: string;
  /** `(reader, previous, end)` */
  readonly read: string;
  /** `(writer, value)` */
  readonly write: string;
}

export const wellKnownCode: Readonly<Record<WellKnownKind, WellKnownCode>> = {
  timestamp: { decoded: "Timestamp", init: "TimestampInit", check: "isTimestamp", read: "readTime", write: "writeTime" },
  duration: { decoded: "Duration", init: "DurationInit", check: "isDuration", read: "readTime", write: "writeTime" },
  any: { decoded: "Any", init: "AnyInit", check: "isAny", read: "readAny", write: "writeAny" },
  empty: { decoded: "Empty", init: "Empty", check: "isEmpty", read: "readEmpty", write: "writeEmpty" },
  field_mask: { decoded: "FieldMask", init: "FieldMaskInit", check: "isFieldMask", read: "readFieldMask", write: "writeFieldMask" },
  struct: { decoded: "JsonObject", init: "JsonObjectInit", check: "isStruct", read: "readStruct", write: "writeStruct" },
  value: { decoded: "JsonValue", init: "JsonValueInit", check: "isValue", read: "readValue", write: "writeValue" },
  list_value: { decoded: "JsonValue[]", init: "JsonListInit", check: "isListValue", read: "readListValue", write: "writeListValue" },
};

/** The check of the runtime for a value that has `rules`. */
export function wellKnownCheck(kind: WellKnownKind, rules: readonly RulePlan[]): string {
  // a list of URLs says more than what every URL is like
  return kind === "any" && rules.some(({ args }) => args[0] === "any.in") ? "isAnyOfList" : wellKnownCode[kind].check;
}
