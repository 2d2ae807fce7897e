import { BusError } from "../errors.js";

const maxTopicLength = 249;

/**
 * A group id in the characters that a topic name may have: a byte outside `a-z A-Z 0-9 -` becomes `_` and two hexadecimal digits, so that no two
 * groups share a name (the dot too: it divides the parts of the name, and Kafka confuses it with `_` in its metrics).
 */
export function escapeGroup(group: string): string {
  return [...new TextEncoder().encode(group)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-zA-Z0-9-]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

/**
 * The topic for what `group` could not process of `topic`: `<topic>.<group>.dlq`.
 *
 * @throws {BusError} `invalid_options` when the name is longer than Kafka takes
 */
export function deadLetterTopic(topic: string, group: string): string {
  const name = `${topic}.${escapeGroup(group)}.dlq`;
  if (name.length > maxTopicLength) {
    throw new BusError(
      "invalid_options",
      `the dead-letter topic ${name} has ${name.length} characters, and a topic name has at most ${maxTopicLength}; ` +
        `shorten the group, or set failure.otherwise to "stop"`,
      { details: { topic, group } },
    );
  }
  return name;
}
