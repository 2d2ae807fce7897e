import type { DeclaredTopic, TopicField } from "@org/bus-core/compiler";
import { describeCleanup, describeOwner, describeRetention } from "../topics/words.js";
import type { TopicRule } from "./topic-rules.js";

/** A change of a topic that what is deployed does not survive unharmed. */
export interface TopicChange {
  readonly rule: TopicRule;
  readonly message: string;
  /** The declaration to point at, and the field of it; the one before where there is none any more. */
  readonly at: DeclaredTopic;
  readonly field?: TopicField;
  /** `at` is gone. */
  readonly isGone?: boolean;
}

/**
 * What has changed of the topics `before`, each change named as what it is. Topics are matched by their message: a renamed topic is one change, and a
 * topic that went over to another message is another.
 */
export function findTopicChanges(before: readonly DeclaredTopic[], after: readonly DeclaredTopic[]): readonly TopicChange[] {
  const byType = new Map(after.map((declared) => [declared.typeName, declared]));
  const byName = new Map(after.map((declared) => [declared.topic.name, declared]));
  return before.flatMap((old) => {
    const now = byType.get(old.typeName);
    const heir = byName.get(old.topic.name);
    return [...(heir === undefined || heir.typeName === old.typeName ? [] : [moved(old, heir)]), ...sameMessage(old, now, heir)];
  });
}

function sameMessage(old: DeclaredTopic, now: DeclaredTopic | undefined, heir: DeclaredTopic | undefined): readonly TopicChange[] {
  if (now !== undefined) return comparisons.flatMap((compare) => compare(old, now) ?? []);
  if (heir !== undefined) return [];
  const message = `${nameOf(old)} is no longer declared: its consumers lose their contract, and what it holds is not read on`;
  return [{ rule: "TOPIC_NO_DELETE", message, at: old, isGone: true }];
}

const moved = (old: DeclaredTopic, heir: DeclaredTopic): TopicChange => ({
  rule: "TOPIC_SAME_MESSAGE",
  message: `topic ${old.topic.name} moves from ${old.typeName} to ${heir.typeName}: consumers of the one read records of the other`,
  at: heir,
  field: "name",
});

type Comparison = (old: DeclaredTopic, now: DeclaredTopic) => TopicChange | undefined;

const comparisons: readonly Comparison[] = [
  (old, now) =>
    change(old, now, "TOPIC_SAME_NAME", "name", [old.topic.name, now.topic.name], {
      because: "what the old topic holds, and how far its consumers have read, stays behind",
    }),
  (old, now) => {
    const [from, to] = [old.topic.keyField, now.topic.keyField];
    // a field that was only renamed has the same bytes
    if (old.keyNumbers.join(".") === now.keyNumbers.join(".")) return undefined;
    const why = to === undefined ? "records of one key spread over all partitions" : "records of one key move to other partitions";
    const names = from === to ? [`${from} (field ${old.keyNumbers})`, `${to} (field ${now.keyNumbers})`] : [from ?? "none", to ?? "none"];
    const because =
      from === undefined
        ? "records go to the partitions of their keys, and other records of a key may lie before them"
        : `${why} and lose their order`;
    return change(old, now, "TOPIC_SAME_KEY_FIELD", "key_field", names, { what: "key field changes", because });
  },
  (old, now) => {
    const [from, to] = [old.topic.partitions, now.topic.partitions];
    const because =
      to > from
        ? "keys move to other partitions, so records of one key lose their order across the change"
        : "Kafka takes no partitions away, so the topic has to be made anew";
    return change(old, now, "TOPIC_SAME_PARTITIONS", "partitions", [String(from), String(to)], { what: "partitions change", because });
  },
  (old, now) =>
    change(old, now, "TOPIC_SAME_RETENTION", "retention_ms", [describeRetention(old.topic.retentionMs), describeRetention(now.topic.retentionMs)], {
      what: "retention changes",
      because: isShorter(old.topic.retentionMs, now.topic.retentionMs)
        ? "what is older is deleted, read or not"
        : "the topic holds, and a new consumer reads, another span of time",
    }),
  (old, now) =>
    change(old, now, "TOPIC_SAME_CLEANUP", "cleanup", [old.topic.cleanup, now.topic.cleanup], {
      because: describeCleanup(now.topic.cleanup),
    }),
  (old, now) =>
    change(old, now, "TOPIC_SAME_OWNER", "owner", [describeOwner(old.topic.owner), describeOwner(now.topic.owner)], {
      because: "others answer for it",
    }),
];

function change(
  old: DeclaredTopic,
  now: DeclaredTopic,
  rule: TopicRule,
  field: TopicField,
  [from, to]: readonly (string | undefined)[],
  { what = `${field} changes`, because }: { readonly what?: string; readonly because: string },
): TopicChange | undefined {
  if (from === to) return undefined;
  return { rule, message: `${nameOf(old)}: ${what} from ${from} to ${to}: ${because}`, at: now, field };
}

const nameOf = ({ topic, typeName }: DeclaredTopic): string => `topic ${topic.name} of ${typeName}`;

const isShorter = (from: number | undefined, to: number | undefined): boolean =>
  from !== undefined && to !== undefined && to !== -1 && (from === -1 || to < from);
