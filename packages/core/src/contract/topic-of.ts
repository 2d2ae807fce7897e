import { BusError } from "../errors.js";
import type { AnyContract, TopicDeclaration } from "./contract.js";
import { describeValue } from "./rules/describe.js";

/** The topic that a contract declares. @throws {BusError} `invalid_options` when it declares none, or is no contract */
export function topicOf(contract: AnyContract): TopicDeclaration {
  const given: unknown = contract;
  if (typeof given !== "object" || given === null || !("typeName" in given)) {
    throw new BusError("invalid_options", `contract ${describeValue(given)} must be a contract, as bus gen makes them`);
  }
  const { topic, typeName } = contract;
  if (topic !== undefined) return topic;
  throw new BusError("invalid_options", `${typeName} has no topic: declare one on the message with option (org.bus.v1.topic)`);
}
