import { TopicSource } from "../topic/from-topic.js";
import { TopicSink } from "../topic/to-topic.js";
import type { ResolvedConnector } from "./options.js";

/** Who answers for a connector, and where to find them. */
export interface ConnectorOwner {
  readonly team: string;
  readonly channel: string;
}

/** As it was declared; else the owner of the first topic that it writes to, or reads from. Undefined for one that knows no topic and names nobody. */
export function ownerOf({ owner, source, sink }: ResolvedConnector): ConnectorOwner | undefined {
  const contracts = [...(sink instanceof TopicSink ? sink.contracts : []), ...(source instanceof TopicSource ? source.contracts : [])];
  return owner ?? contracts[0]?.topic?.owner;
}
