import type { ContractRegistry, MessagePlan } from "@org/bus-core/compiler";
import { examples } from "@org/bus-testkit/arbitrary";
import { describeCleanup, describeOwner, describeRetention } from "../topics/words.js";
import { cell, messageSections, type Types } from "./message-section.js";
import { code } from "./rule-words.js";
import { typescriptLiteral } from "./typescript-literal.js";

/** A message that has a topic. */
export type TopicMessage = MessagePlan & { readonly topic: NonNullable<MessagePlan["topic"]> };

/** When the times of examples are, so that pages stay as they are from one day to the next. */
const timeOfExamples = new Date("2026-01-01T12:00:00Z");

/** The line that every page begins with. */
export const pageMarker = "<!-- made by bus docs; changes are overwritten -->";

/** The page of a topic, in Markdown. */
export function topicPage(message: TopicMessage, types: Types, registry: ContractRegistry): string {
  const { topic, typeName, name, comment, file } = message;
  const [example] = examples(registry.contract(typeName), { now: timeOfExamples });
  const json = JSON.stringify(JSON.parse(registry.toJson(typeName, example)), undefined, 2);
  const lines = [
    pageMarker,
    "",
    `# ${topic.name}`,
    "",
    ...(comment === "" ? [] : [comment, ""]),
    "| | |",
    "|---|---|",
    `| message | ${code(typeName)} in ${code(file)} |`,
    `| key | ${topic.keyField === undefined ? "none: records have no order" : `${code(topic.keyField)}: records of one key keep their order`} |`,
    `| partitions | ${topic.partitions} |`,
    `| retention | ${describeRetention(topic.retentionMs)} |`,
    `| cleanup | ${topic.cleanup}: ${describeCleanup(topic.cleanup)} |`,
    `| owner | ${cell(describeOwner(topic.owner))} |`,
    "",
    ...messageSections(message, types),
    "## Example",
    "",
    "```json",
    json,
    "```",
    "",
    "## Publish",
    "",
    "```ts",
    `import { ${name} } from "./gen/${file.replace(/\.proto$/, ".js")}";`,
    "",
    `await bus.publish(${name}, ${typescriptLiteral(example)});`,
    "```",
    "",
    "Over HTTP, where a gateway takes the JSON of Protobuf:",
    "",
    "```http",
    `POST {{gateway}}/topics/${topic.name}`,
    "content-type: application/json",
    `bus-message-type: ${typeName}`,
    "",
    json,
    "```",
  ];
  return `${lines.join("\n")}\n`;
}
