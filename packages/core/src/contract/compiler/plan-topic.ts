import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { TopicCleanup, TopicDeclaration } from "../contract.js";
import { propertyName } from "./names.js";
import { isOptionMessage, type Options } from "./options.js";
import type { KeyPlan } from "./plan.js";
import type { Problems } from "./problems.js";
import { messageType } from "./value-type.js";

/** Kafka allows 249; the rest is left for `.<group>.dlq` and `.<group>.retry.<delay>`. */
const maxTopicLength = 180;

/** More is a slip of the finger: a cluster creates no such topic in time, or suffers from it. */
const maxPartitions = 10_000;

const cleanups: readonly TopicCleanup[] = ["delete", "delete", "compact", "compact,delete"];

interface TopicPlan {
  readonly topic: TopicDeclaration | undefined;
  readonly key: KeyPlan | undefined;
}

/** Numbers of the fields of `org.bus.v1.Topic`, for the line of a problem. */
const optionNumbers = { name: 1, key_field: 2, partitions: 3, retention_ms: 4, cleanup: 5, owner: 6 };

/** A field of `org.bus.v1.Topic`. */
export type TopicField = keyof typeof optionNumbers;

/** The numbers that lead from a message to its topic, or to a field of that. */
export const topicOption = (options: Options, field?: TopicField): readonly number[] => [
  7,
  options.numberOf("org.bus.v1.topic"),
  ...(field === undefined ? [] : [optionNumbers[field]]),
];

/** The topic that a message declares, checked. */
export function planTopic(desc: DescMessage, options: Options, problems: Problems): TopicPlan {
  const fields = options.message(desc, "org.bus.v1.topic")?.fields;
  if (fields === undefined) return { topic: undefined, key: undefined };
  const report = (field: TopicField, reason: string): void =>
    problems.add(desc, `topic of ${desc.typeName}: ${field} ${reason}`, topicOption(options, field));

  const name = String(fields.get("name") ?? "");
  const nameFault = topicNameFault(name);
  if (nameFault !== undefined) report("name", nameFault);
  const partitions = Number(fields.get("partitions") ?? 0);
  if (partitions < 1) report("partitions", `is ${partitions}, must be at least 1`);
  if (partitions > maxPartitions) report("partitions", `is ${partitions}, must be at most ${maxPartitions}`);
  const retention = fields.get("retention_ms");
  if (typeof retention === "bigint" && (retention < -1n || retention > BigInt(Number.MAX_SAFE_INTEGER))) {
    report("retention_ms", `is ${retention}, must be between -1 (for ever) and ${Number.MAX_SAFE_INTEGER}`);
  }
  const cleanup = cleanups[Number(fields.get("cleanup") ?? 0)];
  if (cleanup === undefined) report("cleanup", "is not known");
  const owner = fields.get("owner");
  const [team, channel] = ["team", "channel"].map((part) => (isOptionMessage(owner) ? String(owner.fields.get(part) ?? "") : ""));
  if (!team || !channel) report("owner", "must say team and channel: who answers for the topic");

  const keyField = fields.get("key_field");
  const key = typeof keyField === "string" ? planKey(desc, keyField, (reason) => report("key_field", reason)) : undefined;
  if (keyField === undefined && cleanup?.startsWith("compact")) report("cleanup", "compacts by key, so key_field is needed");
  return {
    key,
    topic: {
      name,
      ...(typeof keyField === "string" && { keyField }),
      partitions,
      ...(typeof retention === "bigint" && { retentionMs: Number(retention) }),
      cleanup: cleanup ?? "delete",
      owner: { team: team ?? "", channel: channel ?? "" },
    },
  };
}

/** Why Kafka, or a topic beside it, would refuse `name`; undefined where nothing does. */
function topicNameFault(name: string): string | undefined {
  if (name === "") return "is missing";
  if (name === "." || name === "..") return `${JSON.stringify(name)} is refused by Kafka`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) return `${JSON.stringify(name)} is refused by Kafka: only letters, digits, ".", "_" and "-" may be in it`;
  if (name.startsWith("__")) return `${JSON.stringify(name)} is refused: names that start with "__" are of Kafka's internal topics`;
  if (name.length > maxTopicLength)
    return `is ${name.length} characters, must be at most ${maxTopicLength}: its dead-letter and retry topics have longer names`;
  return undefined;
}

function planKey(desc: DescMessage, path: string, report: (reason: string) => void): KeyPlan | undefined {
  const steps: { property: string; implicit: boolean }[] = [];
  const names = path.split(".");
  let message = desc;
  for (const [index, name] of names.entries()) {
    const field = message.fields.find((candidate) => candidate.name === name);
    if (field === undefined) return refuse(report, `${JSON.stringify(path)}: ${message.typeName} has no field ${name}`);
    if (field.oneof !== undefined) return refuse(report, `${JSON.stringify(path)}: ${name} is in a oneof, so it may be absent`);
    const isLast = index === names.length - 1;
    steps.push({ property: propertyName(field), implicit: field.presence === FeatureSet_FieldPresence.IMPLICIT });
    if (isLast) return finishKey(steps, field, (reason) => report(`${JSON.stringify(path)}: ${reason}`));
    if (field.fieldKind !== "message" || messageType(field.message).kind !== "message") {
      return refuse(report, `${JSON.stringify(path)}: ${name} is no message`);
    }
    message = field.message;
  }
  return undefined;
}

function finishKey(path: KeyPlan["path"], field: DescField, report: (reason: string) => void): KeyPlan | undefined {
  if (field.fieldKind !== "scalar") return refuse(report, `${field.name} must be a string, an integer or bytes`);
  switch (field.scalar) {
    case ScalarType.STRING:
      return { path, encoding: "text" };
    case ScalarType.BYTES:
      return { path, encoding: "bytes" };
    case ScalarType.BOOL:
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return refuse(report, `${field.name} is a ${ScalarType[field.scalar].toLowerCase()}, must be a string, an integer or bytes`);
    default:
      return { path, encoding: "integer" };
  }
}

function refuse(report: (reason: string) => void, reason: string): undefined {
  report(reason);
  return undefined;
}
