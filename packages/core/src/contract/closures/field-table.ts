import type { FieldPlan, MessagePlan } from "../compiler/plan.js";
import { elementType, fieldEntry } from "../violations/field-entry.js";
import type { FieldEntry, FieldTable } from "../violations/field-table.js";
import type { Links } from "./links.js";

/** What violations say of the fields of a message. */
export function compileFieldTable(message: MessagePlan, links: Links): FieldTable {
  const entries = message.members.flatMap((member): (readonly [string, FieldEntry])[] => {
    if (member.kind === "field") return [[member.property, compileEntry(member, links)]];
    return [[member.property, { name: member.name }], ...member.fields.map((field) => [field.property, compileEntry(field, links)] as const)];
  });
  return Object.fromEntries(entries);
}

function compileEntry(field: FieldPlan, links: Links): FieldEntry {
  const entry = fieldEntry(field);
  const type = elementType(field);
  return type.kind === "message" ? { ...entry, fields: () => links.message(type.message).fields } : entry;
}
