import type { Loose } from "../closures/links.js";
import { isOnWire } from "../closures/scalars.js";
import type { FieldPlan, ValueType } from "../compiler/plan.js";
import { entriesOf } from "../wire/entries.js";
import { extensionsOf } from "./extensions.js";
import type { JsonMessage } from "./json-types.js";
import type { JsonOutput } from "./write-scalar.js";
import { valueOutput } from "./write-value.js";
import type { JsonWriting } from "./writing.js";

/** The members of a message: every field that is set, by its name in JSON, and every extension that the registry knows. */
export function writeMembers(writing: JsonWriting, type: JsonMessage, message: Loose): { [name: string]: JsonOutput } {
  const members = memberOutputs(writing, type, message);
  const { extensions } = type;
  if (extensions !== undefined) members.push(...memberOutputs(writing, extensions, extensionsOf(extensions, type, message)));
  return Object.fromEntries(members);
}

function memberOutputs(writing: JsonWriting, { plan }: JsonMessage, message: Loose): (readonly [string, JsonOutput])[] {
  const members: (readonly [string, JsonOutput])[] = [];
  for (const member of plan.members) {
    const value = message[member.property];
    if (value === undefined) continue;
    const { field, value: fieldValue } = member.kind === "field" ? { field: member, value } : chosen(member.fields, value);
    if (field === undefined || !isSet(field, fieldValue, member.kind === "oneof")) continue;
    const output = fieldOutput(writing, field, fieldValue);
    if (output !== undefined) members.push([field.jsonName, output]);
  }
  return members;
}

/** The field of a oneof that is set. */
function chosen(fields: readonly FieldPlan[], oneof: unknown): { readonly field: FieldPlan | undefined; readonly value: unknown } {
  const { case: name, value } = oneof as { readonly case: string; readonly value: unknown };
  return { field: fields.find(({ property }) => property === name), value };
}

const isSet = ({ shape, presence }: FieldPlan, value: unknown, inOneof: boolean): boolean =>
  shape.kind !== "single" || presence !== "implicit" || inOneof || isOnWire(shape.value.type)(value);

/** Undefined for an empty list or map. */
function fieldOutput(writing: JsonWriting, { shape, property }: FieldPlan, value: unknown): JsonOutput | undefined {
  switch (shape.kind) {
    case "single":
      return placed(writing, shape.value.type, value, property);
    case "list": {
      const items = Array.from(value as readonly unknown[], (item, index) => placed(writing, shape.item.type, item, property, index));
      return items.length === 0 ? undefined : items;
    }
    case "map": {
      const entries = Array.from(entriesOf(value as Loose), ([key, entry]): readonly [string, JsonOutput] => [
        String(key),
        placed(writing, shape.value.type, entry, property, key),
      ]);
      return entries.length === 0 ? undefined : Object.fromEntries(entries);
    }
  }
}

/** A value, with the path of what is wrong with it. */
function placed(writing: JsonWriting, type: ValueType, value: unknown, property: string, index?: unknown): JsonOutput {
  const mark = writing.faults.mark();
  const output = valueOutput(writing, type, value);
  writing.faults.within(mark, property, index);
  return output;
}
