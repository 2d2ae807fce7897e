import { initName } from "../names.js";
import type { FieldPlan, MemberPlan, MessagePlan, ValueType } from "../plan.js";
import { isNotZero, packedTag, tagOf, writeScalar } from "./scalars.js";
import type { FileScope } from "./scope.js";
import { access, quote, type Source } from "./source.js";
import { wellKnownCode } from "./well-known.js";

/** The function that writes a message. */
export function printWrite(message: MessagePlan, scope: FileScope): readonly Source[] {
  return [
    "/** @internal */",
    `export function write${message.name}(writer: runtime.Writer, message: ${initName(message)}): void {`,
    [
      ...message.members.flatMap((member) => ["{", [`const value = ${access("message", member.property)};`, ...writeMember(member, scope)], "}"]),
      `runtime.writeUnknownFields(message, ${quote(message.typeName)}, writer);`,
    ],
    "}",
    "",
  ];
}

function writeMember(member: MemberPlan, scope: FileScope): readonly Source[] {
  if (member.kind === "field") return writeField(member, scope);
  const cases = member.fields.flatMap((field) => [`case ${quote(field.property)}:`, [...writeSingle(field, "value.value", scope), "break;"]]);
  return ["if (value !== undefined) {", ["switch (value.case) {", cases, "}"], "}"];
}

function writeField(field: FieldPlan, scope: FileScope): readonly Source[] {
  const { shape, number } = field;
  switch (shape.kind) {
    case "single": {
      const { type } = shape.value;
      const isSet = ["value !== undefined"];
      if (field.presence === "implicit") isSet.push(type.kind === "scalar" ? isNotZero(type, "value") : "value !== 0");
      return [`if (${isSet.join(" && ")}) {`, writeSingle(field, "value", scope), "}"];
    }
    case "list": {
      const { type } = shape.item;
      if (!shape.packed) return ["if (value !== undefined) {", ["for (const item of value) {", writeValue(type, number, "item", scope), "}"], "}"];
      return [
        "if (value !== undefined && value.length > 0) {",
        [`writer.uint32(${packedTag(number)}).fork();`, "for (const item of value) {", [writePacked(type, "item")], "}", "writer.ldelim();"],
        "}",
      ];
    }
    case "map":
      return [
        "if (value !== undefined) {",
        [
          "for (const [key, entry] of runtime.entriesOf(value)) {",
          [
            `writer.uint32(${packedTag(number)}).fork();`,
            ...writeValue(shape.key.type, 1, "key", scope),
            ...writeValue(shape.value.type, 2, "entry", scope),
            "writer.ldelim();",
          ],
          "}",
        ],
        "}",
      ];
  }
}

const writeSingle = ({ shape, number }: FieldPlan, value: string, scope: FileScope): readonly Source[] =>
  shape.kind === "single" ? writeValue(shape.value.type, number, value, scope) : [];

/** Statements that write one value with its tag. */
function writeValue(type: ValueType, number: number, value: string, scope: FileScope): readonly Source[] {
  const tag = `writer.uint32(${tagOf(number, type)})`;
  switch (type.kind) {
    case "scalar":
      return [writeScalar(type, tag, value)];
    case "enum":
      return [`${tag}.int32(${value});`];
    case "message":
      return [`${tag}.fork();`, `${scope.refer(type.message, "write")}(writer, ${value});`, "writer.ldelim();"];
    case "wrapper":
      return [
        `${tag}.fork();`,
        `if (${isNotZero(type.scalar, value)}) {`,
        [writeScalar(type.scalar, `writer.uint32(${tagOf(1, type.scalar)})`, value)],
        "}",
        "writer.ldelim();",
      ];
    default:
      return [`runtime.${wellKnownCode[type.kind].write}(${tag}, ${value});`];
  }
}

const writePacked = (type: ValueType, value: string): string =>
  type.kind === "scalar" ? writeScalar(type, "writer", value) : `writer.int32(${value});`;
