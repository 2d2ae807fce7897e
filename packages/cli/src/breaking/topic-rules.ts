/** The rules on topics, by what they hold. buf does not know them: they are taken out of what it reads. */
export const topicRules = [
  "TOPIC_NO_DELETE",
  "TOPIC_SAME_MESSAGE",
  "TOPIC_SAME_NAME",
  "TOPIC_SAME_KEY_FIELD",
  "TOPIC_SAME_PARTITIONS",
  "TOPIC_SAME_RETENTION",
  "TOPIC_SAME_CLEANUP",
  "TOPIC_SAME_OWNER",
] as const;

export type TopicRule = (typeof topicRules)[number];

/** All of `topicRules`, as buf has categories. */
export const topicCategory = "TOPIC";

/** Whether `name` is one of ours, or the category of all. */
export const isTopicRule = (name: string): boolean => name === topicCategory || (topicRules as readonly string[]).includes(name);
