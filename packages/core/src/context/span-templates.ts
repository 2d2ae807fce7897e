import type { Attributes, SpanKind, SpanOptions } from "@opentelemetry/api";
import * as semantic from "./semantic-conventions.js";

/** What all spans of one operation have in common. The SDK copies it, so one is enough for all of them. */
export interface SpanTemplate {
  readonly name: string;
  readonly options: SpanOptions & { readonly attributes: Attributes };
}

/** What a span is of. */
export interface SpanSubject {
  readonly topic: string;
  readonly partition?: number;
  readonly group?: string;
}

/** With what the conventions want a sampler to see. All else is for spans that are recorded only, and is written when they are. */
export function spanTemplate(system: string, kind: SpanKind, operation: string, { topic, partition, group }: SpanSubject): SpanTemplate {
  const attributes: Attributes = {
    [semantic.MESSAGING_SYSTEM_NAME]: system,
    [semantic.MESSAGING_OPERATION_NAME]: operation,
    [semantic.MESSAGING_OPERATION_TYPE]: operation,
    [semantic.MESSAGING_DESTINATION_NAME]: topic,
  };
  if (partition !== undefined) attributes[semantic.MESSAGING_DESTINATION_PARTITION_ID] = String(partition);
  if (group !== undefined) attributes[semantic.MESSAGING_CONSUMER_GROUP_NAME] = group;
  return { name: `${operation} ${topic}`, options: { kind, attributes } };
}

/** What `known` has under `key`, made at the first use. */
export function remembered<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}

/** The templates of one operation, by topic. */
export class TopicTemplates {
  readonly #byTopic = new Map<string, SpanTemplate>();

  constructor(
    private readonly system: string,
    private readonly kind: SpanKind,
    private readonly operation: string,
  ) {}

  of(topic: string): SpanTemplate {
    return remembered(this.#byTopic, topic, () => spanTemplate(this.system, this.kind, this.operation, { topic }));
  }
}
