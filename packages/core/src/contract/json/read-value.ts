import type { EnumType, ValueType } from "../compiler/plan.js";
import { keepEnumValue } from "../wire/unknown-fields.js";
import { isMembers, type JsonNode, JsonNumber } from "./json-node.js";
import { readAny } from "./read-any.js";
import { readInteger, readScalar, refuse } from "./read-scalar.js";
import { readWellKnown } from "./read-well-known.js";
import type { JsonReading, Place } from "./reading.js";

/** Whether null is a value of the type; elsewhere it means that there is none. */
export const acceptsNull = (type: ValueType): boolean => type.kind === "value" || type.kind === "null_value";

/** Reads a value of a field; undefined after a fault, and where what is unknown is ignored. */
export function readValue(reading: JsonReading, type: ValueType, node: JsonNode, place: Place): unknown {
  const { faults } = reading;
  switch (type.kind) {
    case "scalar":
      return readScalar(type, node, faults);
    case "wrapper":
      return readScalar(type.scalar, node, faults);
    case "null_value":
      return readNull(reading, node, place);
    case "enum":
      return readEnum(reading, type, node, place);
    case "message":
      return nested(reading, () => readMessage(reading, type.message.typeName, node));
    case "any":
      return nested(reading, () => readAny(reading, node, readValue));
    case "empty":
      return isMembers(node) ? readEmpty(reading, node) : refuse(faults, "must be an object", node);
    default:
      return readWellKnown(type.kind, node, faults);
  }
}

function nested<T>({ faults }: JsonReading, read: () => T): T {
  faults.depth++;
  const value = read();
  faults.depth--;
  return value;
}

function readMessage(reading: JsonReading, typeName: string, node: JsonNode): object | undefined {
  const type = reading.types.message(typeName);
  if (type === undefined) throw new TypeError(`no plan of ${typeName}`);
  return isMembers(node) ? reading.readMembers(reading, type, node) : refuse(reading.faults, "must be an object", node);
}

function readEmpty({ faults, ignoreUnknownFields }: JsonReading, members: ReadonlyMap<string, JsonNode>): object {
  if (!ignoreUnknownFields) for (const name of members.keys()) faults.add(name, "unknown_field", "is not a field of the contract");
  return {};
}

const int32Range = [-(2n ** 31n), 2n ** 31n - 1n] as const;

function readEnum(reading: JsonReading, type: Extract<EnumType, { kind: "enum" }>, node: JsonNode, place: Place): number | undefined {
  const { faults, types, ignoreUnknownFields } = reading;
  const { numbers, names } = types.enumNames(type.enum.typeName);
  if (typeof node === "string") {
    const number = numbers.get(node);
    if (number === undefined && !ignoreUnknownFields) faults.add("", "enum.undeclared", `must be a value of ${type.enum.typeName}`);
    return number;
  }
  if (!(node instanceof JsonNumber)) return refuse(faults, "must be the name of an enum value, or its number", node);
  const number = readInteger(node, int32Range, faults);
  if (number === undefined) return undefined;
  const value = Number(number);
  if (names.has(value)) return value;
  if (type.open) return keepEnumValue(place.message, place.typeName, place.number, value);
  faults.add("", "enum.undeclared", `must be a value of ${type.enum.typeName}`, node.text);
  return undefined;
}

/** `google.protobuf.NullValue`: null, or what it is as an enum. */
function readNull({ faults }: JsonReading, node: JsonNode, place: Place): unknown {
  if (node === null || node === "NULL_VALUE") return null;
  if (!(node instanceof JsonNumber)) return refuse(faults, "must be null", node);
  const number = readInteger(node, int32Range, faults);
  if (number === undefined) return undefined;
  return number === 0n ? null : keepEnumValue(place.message, place.typeName, place.number, Number(number));
}
