import type { DescExtension, DescFile } from "@bufbuild/protobuf";
import { withNested } from "./names.js";
import type { FieldPlan, MessagePlan, ValueType } from "./plan.js";
import { isDelimited, planType } from "./plan-field.js";

/**
 * The extensions of each message, by its name, planned as fields of a message of their own: it has the same bytes as the one that they extend, to
 * which they are unknown fields. Rules do not hold for extensions.
 */
export function planExtensions(files: readonly DescFile[]): ReadonlyMap<string, MessagePlan> {
  const fields = new Map<string, FieldPlan[]>();
  for (const extension of files.flatMap(extensionsIn)) {
    const { typeName } = extension.extendee;
    const known = fields.get(typeName);
    if (known === undefined) fields.set(typeName, [planExtension(extension)]);
    else known.push(planExtension(extension));
  }
  return new Map(Array.from(fields, ([typeName, members]) => [typeName, messageOf(`extensions of ${typeName}`, members)]));
}

const extensionsIn = (file: DescFile): readonly DescExtension[] => [
  ...file.extensions,
  ...file.messages.flatMap(withNested).flatMap(({ nestedExtensions }) => nestedExtensions),
];

const messageOf = (name: string, members: readonly FieldPlan[]): MessagePlan => ({
  name,
  typeName: name,
  file: "",
  comment: "",
  members,
  topic: undefined,
  key: undefined,
  sensitiveFields: [],
  exclusive: [],
  expressions: [],
  evaluated: [],
  descriptors: undefined,
});

function planExtension(extension: DescExtension): FieldPlan {
  const name = `[${extension.typeName}]`;
  return {
    kind: "field",
    property: name,
    name,
    jsonName: name,
    number: extension.number,
    comment: "",
    sensitive: false,
    shape: shapeOf(extension, planType(extension)),
    presence: "explicit",
    defaultValue: undefined,
    delimited: isDelimited(extension),
    required: false,
    ignoreZero: false,
  };
}

function shapeOf(extension: DescExtension, type: ValueType): FieldPlan["shape"] {
  const value = { type, rules: [], expressions: [], ignoreZero: false, structureOnly: false };
  if (extension.fieldKind !== "list") return { kind: "single", value };
  return { kind: "list", packed: extension.packed, item: value, rules: [], expressions: [] };
}
