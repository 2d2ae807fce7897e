import type { WellKnownKind } from "../plan.js";

/** What the runtime has for a type of `google.protobuf`: names of its types and functions. */
interface WellKnownCode {
  readonly decoded: string;
  readonly init: string;
  readonly check: string;
  readonly read: string;
  readonly write: string;
  /** An expression for the message of no bytes. */
  readonly empty: string;
}

const time = { read: "readTime", write: "writeTime", empty: "{ seconds: 0n, nanos: 0 }" };

export const wellKnownCode: Readonly<Record<WellKnownKind, WellKnownCode>> = {
  timestamp: { decoded: "Timestamp", init: "TimestampInit", check: "isTimestamp", ...time },
  duration: { decoded: "Duration", init: "DurationInit", check: "isDuration", ...time },
  any: { decoded: "Any", init: "AnyInit", check: "isAny", read: "readAny", write: "writeAny", empty: '{ typeUrl: "", value: new Uint8Array() }' },
  empty: { decoded: "Empty", init: "Empty", check: "isEmpty", read: "readEmpty", write: "writeEmpty", empty: "{}" },
  field_mask: {
    decoded: "FieldMask",
    init: "FieldMaskInit",
    check: "isFieldMask",
    read: "readFieldMask",
    write: "writeFieldMask",
    empty: "{ paths: [] }",
  },
  struct: { decoded: "JsonObject", init: "JsonObjectInit", check: "isStruct", read: "readStruct", write: "writeStruct", empty: "{}" },
  value: { decoded: "JsonValue", init: "JsonValueInit", check: "isValue", read: "readValue", write: "writeValue", empty: "null" },
  list_value: { decoded: "JsonValue[]", init: "JsonValueInit[]", check: "isListValue", read: "readListValue", write: "writeListValue", empty: "[]" },
  null_value: { decoded: "null", init: "null", check: "isNullValue", read: "readNullValue", write: "writeNullValue", empty: "null" },
};
