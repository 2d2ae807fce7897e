import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";

/** The fields that are set, as `name: value` in the Protobuf text format, each value complete; repeated fields once per element. */
export function textFields(message: ReflectMessage): { readonly name: string; readonly value: string }[] {
  return message.fields
    .filter((field) => message.isSet(field))
    .flatMap((field) => valuesOf(message, field).map((value) => ({ name: field.name, value })));
}

/** A message as a text format literal: `{ id: "a", expression: "b" }`. */
export function textMessage(message: ReflectMessage): string {
  return `{ ${textFields(message)
    .map(({ name, value }) => `${name}: ${value}`)
    .join(", ")} }`;
}

/** A string as a Protobuf literal. What JSON escapes is escaped alike; other control characters stand for themselves. */
export function textString(value: string): string {
  return JSON.stringify(value);
}

function valuesOf(message: ReflectMessage, field: DescField): string[] {
  switch (field.fieldKind) {
    case "scalar":
      return [scalar(field.scalar, message.get(field))];
    case "enum":
      return [enumValue(field.enum.values, message.get(field))];
    case "message":
      return [textMessage(message.get(field))];
    case "list": {
      const list = [...message.get(field)];
      if (field.listKind === "message") return list.map((item) => textMessage(item as ReflectMessage));
      if (field.listKind === "enum") return list.map((item) => enumValue(field.enum.values, item));
      return list.map((item) => scalar(field.scalar, item));
    }
    case "map":
      throw new Error(`${field}: the text of a map is not supported`);
  }
}

function scalar(type: ScalarType, value: unknown): string {
  if (type === ScalarType.STRING) return textString(String(value));
  if (type === ScalarType.BYTES) throw new Error("the text of bytes is not supported");
  return String(value);
}

function enumValue(values: readonly { readonly name: string; readonly number: number }[], value: unknown): string {
  const found = values.find((candidate) => candidate.number === value);
  if (found === undefined) throw new Error(`enum value ${value} has no name`);
  return found.name;
}
