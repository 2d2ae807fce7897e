import type { AnyContract } from "@org/bus-core";
import { TopicSource } from "../topic/from-topic.js";
import { TopicSink } from "../topic/to-topic.js";
import type { ResolvedConnector } from "./options.js";

/** The contracts that a connector knows of what it moves: of the topics that it writes to, then of those that it reads from. */
export function contractsOf({ source, sink }: Pick<ResolvedConnector, "source" | "sink">): readonly AnyContract[] {
  return [...(sink instanceof TopicSink ? sink.contracts : []), ...(source instanceof TopicSource ? source.contracts : [])];
}
