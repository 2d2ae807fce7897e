import { initName } from "../names.js";
import type { FieldPlan, MemberPlan, MessagePlan, MessageType, ValueType } from "../plan.js";
import { endTag, isNotZero, isOnWire, packedTag, tagOf, writeScalar } from "./scalars.js";
import type { FileScope } from "./scope.js";
import { access, quote, type Source } from "./source.js";
import { wellKnownCode } from "./well-known.js";

/** The function that writes a message. */
export function printWrite(message: MessagePlan, scope: FileScope): readonly Source[] {
  return [
    "/** @internal */",
    `export function write${message.name}(writer: runtime.Writer, message: ${initName(message)}): void {`,
    [
      `runtime.writeUnknownFields(message, ${quote(message.typeName)}, writer);`,
      ...message.members.flatMap((member) => ["{", [`const value = ${access("message", member.property)};`, ...writeMember(member, scope)], "}"]),
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
      const isSet = ["value !== undefined"];
      if (field.presence === "implicit") isSet.push(isOnWire(shape.value.type, "value"));
      return [`if (${isSet.join(" && ")}) {`, writeSingle(field, "value", scope), "}"];
    }
    case "list": {
      const { type } = shape.item;
      if (!shape.packed)
        return ["if (value !== undefined) {", ["for (const item of value) {", writeValue(type, number, field.delimited, "item", scope), "}"], "}"];
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
            ...writeValue(shape.key.type, 1, false, "key", scope),
            ...writeValue(shape.value.type, 2, false, "entry", scope),
            "writer.ldelim();",
          ],
          "}",
        ],
        "}",
      ];
  }
}

const writeSingle = ({ shape, number, delimited }: FieldPlan, value: string, scope: FileScope): readonly Source[] =>
  shape.kind === "single" ? writeValue(shape.value.type, number, delimited, value, scope) : [];

/** Statements that write one value with its tag. */
function writeValue(type: ValueType, number: number, delimited: boolean, value: string, scope: FileScope): readonly Source[] {
  const tag = `writer.uint32(${tagOf(number, type, delimited)})`;
  switch (type.kind) {
    case "scalar":
      return [writeScalar(type, tag, value)];
    case "enum":
      return [`${tag}.int32(${value});`];
    case "null_value":
      return [`runtime.writeNullValue(${tag}, ${value});`];
    default: {
      const body = writeBody(type, value, scope);
      if (delimited) return [`${tag};`, ...body, `writer.uint32(${endTag(number)});`];
      return [`${tag}.fork();`, ...body, "writer.ldelim();"];
    }
  }
}

/** Statements that write the fields of a message. */
function writeBody(type: MessageType, value: string, scope: FileScope): readonly Source[] {
  switch (type.kind) {
    case "message":
      return [`${scope.refer(type.message, "write")}(writer, ${value});`];
    case "wrapper":
      return [`if (${isNotZero(type.scalar, value)}) {`, [writeScalar(type.scalar, `writer.uint32(${tagOf(1, type.scalar)})`, value)], "}"];
    default:
      return [`runtime.${wellKnownCode[type.kind].write}(writer, ${value});`];
  }
}

function writePacked(type: ValueType, value: string): string {
  if (type.kind === "scalar") return writeScalar(type, "writer", value);
  return type.kind === "null_value" ? `runtime.writeNullValue(writer, ${value});` : `writer.int32(${value});`;
}
