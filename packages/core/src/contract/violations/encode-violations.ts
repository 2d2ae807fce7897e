import type { FieldPathElement, Violation } from "../../errors.js";
import { structuralRules } from "../rules/faults.js";
import { Writer } from "../wire/writer.js";

/** What no standard rule is about: what would not encode, and rules that could not be evaluated. */
const ownRules: ReadonlySet<string> = new Set([...structuralRules, "unevaluable"]);

/**
 * The bytes of a `buf.validate.Violations`: what `validate` found, for programs that speak the standard (the details of a gRPC status, a
 * gateway). The ids of what the standard has no rule for begin with `bus.`: `bus.type`, `bus.unknown_field`.
 */
export function encodeViolations(violations: readonly Violation[]): Uint8Array {
  const writer = new Writer();
  for (const violation of violations) {
    writer.uint32(messageTag(1)).fork();
    writeViolation(writer, violation);
    writer.ldelim();
  }
  return writer.finish();
}

function writeViolation(writer: Writer, { rule, message, standard }: Violation): void {
  if (standard !== undefined && standard.field.length > 0) writePath(writer, 5, standard.field);
  if (standard !== undefined && standard.rule.length > 0) writePath(writer, 6, standard.rule);
  writer.uint32(messageTag(2)).string(ownRules.has(rule) ? `bus.${rule}` : rule);
  writer.uint32(messageTag(3)).string(message);
  if (standard?.forKey) writer.uint32(varintTag(4)).bool(true);
}

function writePath(writer: Writer, number: number, elements: readonly FieldPathElement[]): void {
  writer.uint32(messageTag(number)).fork();
  for (const element of elements) {
    writer.uint32(messageTag(1)).fork();
    writeElement(writer, element);
    writer.ldelim();
  }
  writer.ldelim();
}

function writeElement(writer: Writer, { fieldNumber, fieldName, fieldType, keyType, valueType, subscript }: FieldPathElement): void {
  if (fieldNumber !== undefined) writer.uint32(varintTag(1)).int32(fieldNumber);
  writer.uint32(messageTag(2)).string(fieldName);
  if (fieldType !== undefined) writer.uint32(varintTag(3)).int32(fieldType);
  if (keyType !== undefined) writer.uint32(varintTag(4)).int32(keyType);
  if (valueType !== undefined) writer.uint32(varintTag(5)).int32(valueType);
  switch (subscript?.case) {
    case "index":
      writer.uint32(varintTag(6)).int64(subscript.value);
      break;
    case "boolKey":
      writer.uint32(varintTag(7)).bool(subscript.value);
      break;
    case "intKey":
      writer.uint32(varintTag(8)).int64(subscript.value);
      break;
    case "uintKey":
      writer.uint32(varintTag(9)).int64(subscript.value);
      break;
    case "stringKey":
      writer.uint32(messageTag(10)).string(subscript.value);
      break;
    default:
  }
}

const varintTag = (number: number): number => number << 3;
const messageTag = (number: number): number => (number << 3) | 2;
