import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import type { TopicDeclaration } from "../contract.js";
import { withNested } from "./names.js";
import { Options } from "./options.js";
import { planTopic, type TopicField, topicOption } from "./plan-topic.js";
import { Problems } from "./problems.js";
import { lineOf } from "./source-location.js";

/** A topic as some `.proto` declares it, whether the rest of that file is a valid contract or not. */
export interface DeclaredTopic {
  readonly topic: TopicDeclaration;
  /** Full name of the message that carries it. */
  readonly typeName: string;
  /** Path of the `.proto`. */
  readonly file: string;
  /** `quakes.v1`. */
  readonly packageName: string;
  /** Numbers of the fields that lead to the key, which stay when a field is renamed; empty: records have no key. */
  readonly keyNumbers: readonly number[];
  /** The 1-based line that says `field` of the topic, or else of the whole option; undefined without source positions. */
  lineOf(field?: TopicField): number | undefined;
}

/** All topics that the messages of `files` declare. What is wrong with them is not told: `compile` does that. */
export function declaredTopics(files: readonly DescFile[]): readonly DeclaredTopic[] {
  const options = new Options(files);
  return files
    .flatMap((file) => file.messages)
    .flatMap(withNested)
    .flatMap((desc) => {
      const { topic } = planTopic(desc, options, new Problems());
      if (topic === undefined) return [];
      return {
        topic,
        typeName: desc.typeName,
        file: desc.file.proto.name,
        packageName: desc.file.proto.package,
        keyNumbers: numbersOf(desc, topic.keyField),
        lineOf: (field?: TopicField) => lineOf(desc, topicOption(options, field)),
      };
    });
}

function numbersOf(desc: DescMessage, path: string | undefined): readonly number[] {
  const numbers: number[] = [];
  let message: DescMessage | undefined = desc;
  for (const name of path?.split(".") ?? []) {
    const field: DescMessage["fields"][number] | undefined = message?.fields.find((candidate) => candidate.name === name);
    if (field !== undefined) numbers.push(field.number);
    message = field?.message;
  }
  return numbers;
}
