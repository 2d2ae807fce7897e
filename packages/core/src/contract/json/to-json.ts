import { BusError } from "../../errors.js";
import type { Loose } from "../closures/links.js";
import { Faults } from "../rules/faults.js";
import { listViolations } from "../violations/contract-violation.js";
import type { JsonMessage, JsonTypes } from "./json-types.js";
import { checkSoundness } from "./soundness.js";
import { writeMembers } from "./write-message.js";

export interface ToJsonOptions {
  /** Spaces by which what is nested is indented; 0: all on one line. @default 0 */
  readonly indent?: number;
}

/**
 * A message as JSON text, in the canonical mapping of Protobuf. Rules of the contract may be broken; fields that it does not know are left out.
 *
 * @throws {BusError} `contract_violation`: what has no form in JSON, or no encoding at all, with every fault
 */
export function toJson(types: JsonTypes, type: JsonMessage, message: unknown, { indent = 0 }: ToJsonOptions = {}): string {
  const { typeName } = type.plan;
  const faults = new Faults();
  checkSoundness(faults, type.linked, message);
  const members = faults.mark() === 0 ? writeMembers({ types, faults, writeMembers }, type, message as Loose) : {};
  const violations = faults.violations(() => type.linked.fields);
  if (violations.length === 0) return JSON.stringify(members, undefined, indent);
  throw new BusError("contract_violation", `${typeName} has no form in JSON: ${listViolations(violations)}`, { violations, details: { typeName } });
}
