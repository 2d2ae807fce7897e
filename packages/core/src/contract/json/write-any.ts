import { messageOf } from "../../errors.js";
import { readBody } from "../closures/read-value.js";
import type { MessagePlan, MessageType, ValueType } from "../compiler/plan.js";
import { wellKnownType } from "../compiler/value-type.js";
import type { AnyInit } from "../wire/any.js";
import { defaultMaxDepth } from "../wire/limits.js";
import { MessageReader } from "../wire/reader.js";
import { typeMember, typeNameOf, valueMember } from "./read-any.js";
import type { JsonOutput } from "./write-scalar.js";
import type { JsonWriting } from "./writing.js";

type ValueOutput = (writing: JsonWriting, type: ValueType, value: unknown) => JsonOutput;

/** An `Any` in JSON: the type and the fields of its message, which is decoded for that. */
export function anyOutput(writing: JsonWriting, { typeUrl = "", value = new Uint8Array() }: AnyInit, valueOutput: ValueOutput): JsonOutput {
  if (typeUrl === "" && value.length === 0) return {};
  const { faults } = writing;
  const type = typeOf(writing, typeNameOf(typeUrl) ?? "");
  if (type === undefined) return {};
  const message = decode(writing, type, value);
  if (message === undefined) return {};
  const mark = faults.mark();
  faults.depth++;
  const output = faults.depth > defaultMaxDepth ? tooDeep(writing) : valueOutput(writing, type, message);
  faults.depth--;
  faults.within(mark, "value");
  const isFields = type.kind === "message" || type.kind === "empty";
  return isFields ? { [typeMember]: typeUrl, ...Object(output) } : { [typeMember]: typeUrl, [valueMember]: output };
}

/** An `Any` may hold an `Any`, without end, since each is bytes to the one around it. */
function tooDeep({ faults }: JsonWriting): JsonOutput {
  faults.add("", "depth", `must not be nested in more than ${defaultMaxDepth} messages`);
  return null;
}

function typeOf({ faults, types }: JsonWriting, typeName: string): MessageType | undefined {
  const wellKnown = wellKnownType(typeName);
  const plan = types.message(typeName)?.plan;
  if (wellKnown !== undefined || plan !== undefined) return wellKnown ?? { kind: "message", message: plan as MessagePlan };
  faults.add("typeUrl", "type_url", `must be a type of the registry, ${JSON.stringify(typeName)} is none`);
  return undefined;
}

function decode({ faults, types }: JsonWriting, type: MessageType, value: Uint8Array): unknown {
  try {
    return readBody(type, types.links)(new MessageReader(value));
  } catch (error) {
    faults.add("value", "malformed", `must be bytes of the type that typeUrl names: ${messageOf(error)}`);
    return undefined;
  }
}
