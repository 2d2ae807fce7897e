import { elementType, fieldEntry } from "../../violations/field-entry.js";
import type { FieldPlan, MessagePlan } from "../plan.js";
import { type FileScope, fieldsConstant } from "./scope.js";
import { propertyKey, quote, type Source } from "./source.js";

/** The constant that says what the fields of a message are, for violations. */
export function printFields(message: MessagePlan, scope: FileScope): readonly Source[] {
  const entries = message.members.flatMap((member) => {
    if (member.kind === "field") return [printEntry(member, scope)];
    return [`${propertyKey(member.property)}: { name: ${quote(member.name)} },`, ...member.fields.map((field) => printEntry(field, scope))];
  });
  return ["/** @internal */", `export const ${fieldsConstant(message)}: runtime.FieldTable = {`, entries, "};", ""];
}

function printEntry(field: FieldPlan, scope: FileScope): string {
  const { name, number, type, keyType, valueType } = fieldEntry(field);
  const parts = [`name: ${quote(name)}`, `number: ${number}`, `type: ${type}`];
  if (keyType !== undefined) parts.push(`keyType: ${keyType}`, `valueType: ${valueType}`);
  const value = elementType(field);
  if (value.kind === "message") parts.push(`fields: () => ${scope.refer(value.message, "fieldsOf")}`);
  return `${propertyKey(field.property)}: { ${parts.join(", ")} },`;
}
