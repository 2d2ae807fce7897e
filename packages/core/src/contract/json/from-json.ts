import { BusError, messageOf, type Violation } from "../../errors.js";
import { Faults } from "../rules/faults.js";
import { listViolations } from "../violations/contract-violation.js";
import { describeNode, isMembers, type JsonNode } from "./json-node.js";
import type { JsonMessage, JsonTypes } from "./json-types.js";
import { parseJson } from "./parse-json.js";
import { readMembers } from "./read-message.js";
import { checkSoundness } from "./soundness.js";

export interface FromJsonOptions {
  /** Whether members that are no fields, and names that the enum of a field does not have, are skipped instead of refused. @default false */
  readonly ignoreUnknownFields?: boolean;
}

/**
 * The message that a JSON text is, in the canonical mapping of Protobuf.
 *
 * @throws {BusError} `malformed_message` with every fault
 */
export function fromJson(types: JsonTypes, type: JsonMessage, text: string, { ignoreUnknownFields = false }: FromJsonOptions = {}): object {
  const { typeName } = type.plan;
  const faults = new Faults();
  const node = parse(typeName, text);
  if (!isMembers(node)) faults.add("", "type", "must be an object", describeNode(node));
  const message = isMembers(node) ? readMembers({ types, faults, ignoreUnknownFields, readMembers }, type, node) : undefined;
  if (message !== undefined && faults.mark() === 0) checkSoundness(faults, type.linked, message);
  const violations = faults.violations(() => type.linked.fields);
  if (message === undefined || violations.length > 0) throw refusal(typeName, listViolations(violations), { violations });
  return message;
}

function parse(typeName: string, text: string): JsonNode {
  try {
    return parseJson(text);
  } catch (cause) {
    throw refusal(typeName, messageOf(cause), { cause });
  }
}

const refusal = (typeName: string, reason: string, more: { readonly violations?: readonly Violation[]; readonly cause?: unknown }): BusError =>
  new BusError("malformed_message", `JSON is no ${typeName}: ${reason}`, { ...more, details: { typeName } });
