import { initName } from "../names.js";
import type { KeyPlan, MessagePlan } from "../plan.js";
import { printDescription } from "./print-description.js";
import { type FileScope, fieldsConstant } from "./scope.js";
import { access, docComment, quote, type Source } from "./source.js";

/** The contract object of a message. */
export function printContract(message: MessagePlan, scope: FileScope): readonly Source[] {
  const { name, typeName, topic, sensitiveFields } = message;
  const compacted = topic !== undefined && topic.cleanup !== "delete";
  const [type, define] = compacted ? ["CompactedContract", "defineCompactedContract"] : ["Contract", "defineContract"];
  return [
    ...docComment(message.comment),
    `export const ${name}: runtime.${type}<${name}, ${initName(message)}> = runtime.${define}({`,
    [
      `typeName: ${quote(typeName)},`,
      ...(topic === undefined ? [] : printTopic(topic)),
      `sensitiveFields: [${sensitiveFields.map(quote).join(", ")}],`,
      `fields: () => ${fieldsConstant(message)},`,
      `check: check${name},`,
      `write: write${name},`,
      `read: (reader) => read${name}(reader),`,
      `key: ${printKey(message)},`,
      ...printDescription(message, scope),
      ...(compacted && message.key !== undefined ? printKeyField(message.key) : []),
    ],
    "});",
    "",
  ];
}

function printTopic({ name, keyField, partitions, retentionMs, cleanup, owner }: NonNullable<MessagePlan["topic"]>): readonly Source[] {
  return [
    "topic: {",
    [
      `name: ${quote(name)},`,
      ...(keyField === undefined ? [] : [`keyField: ${quote(keyField)},`]),
      `partitions: ${partitions},`,
      ...(retentionMs === undefined ? [] : [`retentionMs: ${retentionMs},`]),
      `cleanup: ${quote(cleanup)},`,
      `owner: { team: ${quote(owner.team)}, channel: ${quote(owner.channel)} },`,
    ],
    "},",
  ];
}

const printKeyField = ({ path, encoding }: KeyPlan): readonly Source[] => [
  `keyPath: [${path.map(({ property }) => quote(property)).join(", ")}],`,
  `keyKind: ${quote(encoding)},`,
];

function printKey({ key }: MessagePlan): string {
  if (key === undefined) return "() => null";
  const value = key.path.reduce((holder, { property }, index) => access(index === 0 ? holder : `${holder}?`, property), "message");
  return `(message) => runtime.${keyFunction(key)}(${value.replaceAll("?[", "?.[")})`;
}

const keyFunctions = { text: "textKey", integer: "integerKey", bytes: "bytesKey" };

/** Absent integers are 0 where the `.proto` cannot tell the two apart. */
const keyFunction = ({ encoding, path }: KeyPlan): string =>
  encoding === "integer" && path.at(-1)?.implicit === true ? "implicitIntegerKey" : keyFunctions[encoding];
