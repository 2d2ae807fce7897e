import { BusError } from "@org/bus-core";
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
  const { topic, typeName, comment, file } = message;
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
    ...exampleSections(message, registry),
  ];
  return `${lines.join("\n")}\n`;
}

/** What a message looks like and how it is published; why there is none, where its rules leave nothing that is found: other topics have their pages. */
function exampleSections({ topic, typeName, name, file }: TopicMessage, registry: ContractRegistry): readonly string[] {
  const found = exampleOf(typeName, registry);
  if ("reason" in found) return ["## Example", "", `There is none: ${found.reason}.`];
  const { message } = found;
  const json = JSON.stringify(JSON.parse(registry.toJson(typeName, message)), undefined, 2);
  return [
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
    `await bus.publish(${name}, ${typescriptLiteral(message)});`,
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
}

function exampleOf(typeName: string, registry: ContractRegistry): { readonly message: unknown } | { readonly reason: string } {
  try {
    return { message: examples(registry.contract(typeName), { now: timeOfExamples })[0] };
  } catch (error) {
    if (error instanceof BusError) return { reason: error.message };
    throw error;
  }
}
