import { initName } from "../names.js";
import type { EnumPlan, FieldPlan, MemberPlan, MessagePlan, ScalarType, ShapePlan, ValueType } from "../plan.js";
import type { FileScope } from "./scope.js";
import { docComment, propertyKey, quote, type Source } from "./source.js";
import { wellKnownCode } from "./well-known.js";

type Mode = "decoded" | "init";

/** An enum as an object of its values and the type of them, and the test for it. */
export function printEnum({ name, comment, values }: EnumPlan): readonly Source[] {
  const numbers = [...new Set(values.map(({ number }) => number))];
  return [
    ...docComment(comment),
    `export const ${name} = {`,
    values.flatMap((value) => [...docComment(value.comment), `${propertyKey(value.property)}: ${value.number},`]),
    "} as const;",
    ...docComment(comment),
    `export type ${name} = (typeof ${name})[keyof typeof ${name}];`,
    "",
    "/** @internal */",
    `export function is${name}(value: unknown): value is ${name} {`,
    ["switch (value) {", [...numbers.map((number) => `case ${number}:`), ["return true;"], "default:", ["return false;"]], "}"],
    "}",
    "",
  ];
}

/** The interfaces of a message: as it is decoded, and as it may be published. */
export function printInterfaces(message: MessagePlan, scope: FileScope): readonly Source[] {
  return [
    ...docComment(message.comment),
    `export interface ${message.name} {`,
    message.members.flatMap((member) => printDecodedMember(member, scope)),
    "}",
    "",
    `/** What may be published as {@link ${message.name}}. */`,
    `export interface ${initName(message)} {`,
    message.members.flatMap((member) => printInitMember(member, scope)),
    "}",
    "",
  ];
}

/** The TypeScript type of a value, in the form in which it is decoded or published. */
export function printType(type: ValueType, scope: FileScope, mode: Mode): string {
  switch (type.kind) {
    case "scalar":
      return scalarTypeName(type);
    case "wrapper":
      return scalarTypeName(type.scalar);
    case "enum":
      return `${scope.refer(type.enum)}${type.open ? " | runtime.UnrecognizedEnumValue" : ""}`;
    case "null_value":
      return "null | runtime.UnrecognizedEnumValue";
    case "message":
      return scope.refer(type.message, "", mode === "init" ? "Init" : "");
    default:
      return `runtime.${wellKnownCode[type.kind][mode]}`;
  }
}

const scalarTypeName = ({ type }: ScalarType): string => (type === "bytes" ? "Uint8Array" : type);

function printDecodedMember(member: MemberPlan, scope: FileScope): readonly Source[] {
  const key = propertyKey(member.property);
  if (member.kind === "oneof") {
    return [...docComment(member.comment), `${key}?:`, [...printCases(member.fields, scope, "decoded"), "| undefined;"]];
  }
  const type = printShape(member.shape, scope, "decoded");
  return [...docComment(member.comment), isAlwaysThere(member) ? `${key}: ${type};` : `${key}?: ${type} | undefined;`];
}

function printInitMember(member: MemberPlan, scope: FileScope): readonly Source[] {
  const key = propertyKey(member.property);
  const isRequired = member.required || (member.kind === "field" && member.presence === "required");
  const [mark, absent] = isRequired ? ["", ""] : ["?", " | undefined"];
  if (member.kind === "oneof") {
    const cases = printCases(member.fields, scope, "init");
    return [...docComment(member.comment), `readonly ${key}${mark}:`, isRequired ? closeUnion(cases) : [...cases, "| undefined;"]];
  }
  return [...docComment(member.comment), `readonly ${key}${mark}: ${printShape(member.shape, scope, "init")}${absent};`];
}

function printCases(fields: readonly FieldPlan[], scope: FileScope, mode: Mode): readonly Source[] {
  const modifier = mode === "init" ? "readonly " : "";
  return fields.flatMap((field): readonly Source[] => {
    const [name, value] = [`${modifier}case: ${quote(field.property)};`, `${modifier}value: ${printShape(field.shape, scope, mode)}`];
    // a comment on a member of a union is shown by no editor; one on its property is
    return field.comment === "" ? [`| { ${name} ${value} }`] : ["| {", [...docComment(field.comment), name, `${value};`], "}"];
  });
}

const closeUnion = (cases: readonly Source[]): readonly Source[] => cases.map((text, index) => (index === cases.length - 1 ? `${text};` : text));

/** The TypeScript type of a list, map or single value. */
export function printShape(shape: ShapePlan, scope: FileScope, mode: Mode): string {
  switch (shape.kind) {
    case "single":
      return printType(shape.value.type, scope, mode);
    case "list": {
      const item = printType(shape.item.type, scope, mode);
      const array = `${item.includes(" ") ? `(${item})` : item}[]`;
      return mode === "init" ? `readonly ${array}` : array;
    }
    case "map": {
      const entry = `<${printType(shape.key.type, scope, mode)}, ${printType(shape.value.type, scope, mode)}>`;
      if (mode === "decoded") return `Map${entry}`;
      return isStringKey(shape) ? `ReadonlyMap${entry} | Readonly<Record${entry}>` : `ReadonlyMap${entry}`;
    }
  }
}

/** Maps with such keys may also be published as plain objects. */
export const isStringKey = (shape: ShapePlan): boolean =>
  shape.kind === "map" && shape.key.type.kind === "scalar" && shape.key.type.type === "string";

/** Whether every decoded message has the property. */
export const isAlwaysThere = (field: FieldPlan): boolean => field.shape.kind !== "single" || field.presence !== "explicit";
