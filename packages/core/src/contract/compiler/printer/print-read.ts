import type { FieldPlan, MemberPlan, MessagePlan, ValueType } from "../plan.js";
import { packedTag, readScalar, tagOf, zeroOf } from "./scalars.js";
import type { FileScope } from "./scope.js";
import { access, propertyKey, quote, type Source } from "./source.js";
import { wellKnownCode } from "./well-known.js";

/** The function that reads a message, into `previous` where an earlier occurrence of the same field has made one. */
export function printRead(message: MessagePlan, scope: FileScope): readonly Source[] {
  const fields = message.members.flatMap((member) =>
    member.kind === "oneof" ? member.fields.map((field) => ({ field, oneof: member.property })) : [{ field: member }],
  );
  return [
    "/** @internal */",
    `export function read${message.name}(reader: runtime.MessageReader, previous?: ${message.name}): ${message.name} {`,
    [
      `const message: ${message.name} = previous ?? {`,
      message.members.map((member) => `${propertyKey(member.property)}: ${initialValue(member)},`),
      "};",
      "while (reader.pos < reader.len) {",
      [
        "const tag = reader.tag();",
        "switch (tag) {",
        [
          ...fields.flatMap(({ field, ...rest }) => readField({ field, message, scope, ...rest })),
          "default:",
          [`runtime.keepUnknownField(message, ${quote(message.typeName)}, reader, tag);`],
        ],
        "}",
      ],
      "}",
      "return message;",
    ],
    "}",
    "",
  ];
}

interface FieldContext {
  readonly field: FieldPlan;
  readonly oneof?: string;
  readonly message: MessagePlan;
  readonly scope: FileScope;
}

function initialValue(member: MemberPlan): string {
  if (member.kind === "oneof") return "undefined";
  const { shape } = member;
  if (shape.kind === "list") return "[]";
  if (shape.kind === "map") return "new Map()";
  if (member.presence === "explicit") return "undefined";
  return shape.value.type.kind === "scalar" ? zeroOf(shape.value.type) : "0";
}

function readField(context: FieldContext): readonly Source[] {
  const { field, oneof, scope } = context;
  const target = access("message", field.property);
  const { shape, number } = field;
  switch (shape.kind) {
    case "single": {
      const { type } = shape.value;
      if (oneof === undefined)
        return readCase(
          tagOf(number, type),
          readValue(type, target, scope, (value) => [`${target} = ${value};`], context),
        );
      const holder = access("message", oneof);
      const previous = `(${holder}?.case === ${quote(field.property)} ? ${holder}.value : undefined)`;
      const assign = (value: string): readonly Source[] => [`${holder} = { case: ${quote(field.property)}, value: ${value} };`];
      return readCase(tagOf(number, type), readValue(type, previous, scope, assign, context));
    }
    case "list": {
      const { type } = shape.item;
      const push = (value: string): readonly Source[] => [`${target}.push(${value});`];
      const single = readCase(tagOf(number, type), readValue(type, undefined, scope, push, context));
      if (tagOf(number, type) === packedTag(number)) return single;
      const packed = [
        "const outer = reader.narrow();",
        "while (reader.pos < reader.len) {",
        readValue(type, undefined, scope, push, context),
        "}",
        "reader.widen(outer);",
      ];
      return [...readCase(packedTag(number), packed), ...single];
    }
    case "map":
      return readCase(packedTag(number), readEntry(context, shape.key.type, shape.value.type));
  }
}

const readCase = (tag: number, body: readonly Source[]): readonly Source[] =>
  body.length === 1 ? [`case ${tag}:`, [...body, "break;"]] : [`case ${tag}: {`, [...body, "break;"], "}"];

/** Statements that read a value and `assign` it; `previous` is merged into where the type is a message. */
function readValue(
  type: ValueType,
  previous: string | undefined,
  scope: FileScope,
  assign: (value: string) => readonly Source[],
  context: FieldContext,
): readonly Source[] {
  const second = previous === undefined ? "" : `, ${previous}`;
  switch (type.kind) {
    case "scalar":
      return assign(readScalar(type));
    case "enum":
      return [
        "const value = reader.int32();",
        `if (${scope.refer(type.enum, "is")}(value)) {`,
        assign("value"),
        "} else {",
        assign(`runtime.keepEnumValue(message, ${quote(context.message.typeName)}, ${context.field.number}, value)`),
        "}",
      ];
    case "message":
      return ["const outer = reader.enter();", ...assign(`${scope.refer(type.message, "read")}(reader${second})`), "reader.leave(outer);"];
    case "wrapper": {
      const zero = zeroOf(type.scalar);
      return [
        `let wrapped: ${type.scalar.type === "bytes" ? "Uint8Array" : type.scalar.type} = ${previous === undefined ? zero : `${previous} ?? ${zero}`};`,
        "const outer = reader.enter();",
        "while (reader.pos < reader.len) {",
        [
          "const inner = reader.tag();",
          `if (inner === ${tagOf(1, type.scalar)}) wrapped = ${readScalar(type.scalar)};`,
          "else reader.skipField(inner);",
        ],
        "}",
        "reader.leave(outer);",
        ...assign("wrapped"),
      ];
    }
    default:
      return assign(`runtime.${wellKnownCode[type.kind].read}(reader${second})`);
  }
}

function readEntry(context: FieldContext, keyType: ValueType, valueType: ValueType): readonly Source[] {
  const { scope, field } = context;
  const target = access("message", field.property);
  const key = keyType.kind === "scalar" ? { zero: zeroOf(keyType), read: readScalar(keyType) } : { zero: '""', read: "" };
  return [
    `let key = ${key.zero};`,
    `let entry: ReturnType<typeof ${target}.get>;`,
    "const entryEnd = reader.enter();",
    "while (reader.pos < reader.len) {",
    [
      "const inner = reader.tag();",
      `if (inner === ${tagOf(1, keyType)}) key = ${key.read};`,
      `else if (inner === ${tagOf(2, valueType)}) {`,
      readValue(valueType, "entry", scope, (value) => [`entry = ${value};`], context),
      "} else reader.skipField(inner);",
    ],
    "}",
    "reader.leave(entryEnd);",
    `${target}.set(key, entry ?? ${emptyValue(valueType, scope)});`,
  ];
}

function emptyValue(type: ValueType, scope: FileScope): string {
  switch (type.kind) {
    case "scalar":
      return zeroOf(type);
    case "wrapper":
      return zeroOf(type.scalar);
    case "enum":
      return "0";
    case "message":
      return `runtime.readEmpty(${scope.refer(type.message, "read")})`;
    default:
      return wellKnownCode[type.kind].empty;
  }
}
