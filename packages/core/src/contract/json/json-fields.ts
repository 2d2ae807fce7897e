import type { FieldPlan, MessagePlan } from "../compiler/plan.js";

/** A field, and the property of the oneof that it stands in. */
export interface JsonField {
  readonly field: FieldPlan;
  readonly oneof: string | undefined;
}

/** The fields of a message, by their names in JSON and in the `.proto`. */
export function jsonFields({ members }: MessagePlan): ReadonlyMap<string, JsonField> {
  const fields = members.flatMap((member): readonly JsonField[] =>
    member.kind === "field" ? [{ field: member, oneof: undefined }] : member.fields.map((field) => ({ field, oneof: member.property })),
  );
  // a JSON name goes before the name that another field has in the .proto
  return new Map([...fields.map((entry) => [entry.field.name, entry] as const), ...fields.map((entry) => [entry.field.jsonName, entry] as const)]);
}
