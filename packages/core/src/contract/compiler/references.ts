import type { FieldPlan, FilePlan, ValueType } from "./plan.js";

/** Paths of the `.proto` files whose types `file` refers to. */
export const referencesOf = (file: FilePlan): readonly string[] =>
  file.messages
    .flatMap(({ members }) => members.flatMap((member) => (member.kind === "oneof" ? member.fields : [member])))
    .flatMap(valueTypes)
    .flatMap((type) => (type.kind === "message" ? [type.message.file] : type.kind === "enum" ? [type.enum.file] : []));

function valueTypes({ shape }: FieldPlan): readonly ValueType[] {
  switch (shape.kind) {
    case "single":
      return [shape.value.type];
    case "list":
      return [shape.item.type];
    case "map":
      return [shape.value.type];
  }
}
