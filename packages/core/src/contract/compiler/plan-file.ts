import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import { encodeDescriptors } from "./encode-descriptors.js";
import { withNested } from "./names.js";
import type { Options } from "./options.js";
import type { FilePlan, MessagePlan } from "./plan.js";
import { planEnum, planMessage } from "./plan-message.js";
import { topicOption } from "./plan-topic.js";
import type { Problems } from "./problems.js";

/** Plans a file: its messages and enums, nested ones after the one they stand in. */
export function planFile(file: DescFile, options: Options, problems: Problems): FilePlan {
  const messages = file.messages.flatMap(withNested);
  const enums = [...file.enums, ...messages.flatMap((message) => message.nestedEnums)];
  const messagePlans = messages.map((message) => planMessage(message, options, problems));
  return {
    path: file.proto.name,
    messages: withDescriptors(file, messagePlans, options),
    enums: enums.map(planEnum),
  };
}

function withDescriptors(file: DescFile, messages: readonly MessagePlan[], options: Options): readonly MessagePlan[] {
  const rules = messages.flatMap(({ evaluated }) => evaluated);
  if (rules.length === 0) return messages;
  const extensions = rules.flatMap(({ predefined }) => (predefined === undefined ? [] : (options.getExtension(predefined) ?? [])));
  const descriptors = encodeDescriptors([file, ...extensions.map((extension) => extension.file)]);
  return messages.map((message) => (message.evaluated.length === 0 ? message : { ...message, descriptors }));
}

/** Two messages that claim one topic, or topics that Kafka does not tell apart. */
export function refuseSharedTopics(files: readonly DescFile[], options: Options, problems: Problems): void {
  const claims = new Map<string, { readonly name: string; readonly message: DescMessage }>();
  for (const message of files.flatMap((file) => file.messages).flatMap(withNested)) {
    const name = options.message(message, "org.bus.v1.topic")?.fields.get("name");
    if (typeof name !== "string") continue;
    // Kafka names metrics after topics with "_" for ".", and refuses a topic whose name meets that of another there
    const metricName = name.replaceAll(".", "_");
    const other = claims.get(metricName);
    if (other === undefined) {
      claims.set(metricName, { name, message });
      continue;
    }
    const [topic, where] = [JSON.stringify(name), `${other.message.typeName} (${other.message.file.proto.name})`];
    const reason =
      other.name === name
        ? `topic ${topic} is claimed by ${message.typeName} and by ${where}; a topic has one message`
        : `topic ${topic} of ${message.typeName} and ${JSON.stringify(other.name)} of ${where} collide in Kafka: they differ only in "." and "_"`;
    problems.add(message, reason, topicOption(options, "name"));
  }
}
