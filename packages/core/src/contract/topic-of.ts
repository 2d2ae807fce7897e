import { BusError } from "../errors.js";
import type { AnyContract, TopicDeclaration } from "./contract.js";

/** The topic that a contract declares. @throws {BusError} `invalid_options` when it declares none */
export function topicOf({ topic, typeName }: AnyContract): TopicDeclaration {
  if (topic !== undefined) return topic;
  throw new BusError("invalid_options", `${typeName} has no topic: declare one on the message with option (org.bus.v1.topic)`);
}
