import type { AnyContract, CompactedContract, Contract } from "../contract/contract.js";
import { contractViolation } from "../contract/violations/contract-violation.js";
import { BusError, type Violation } from "../errors.js";
import { refused } from "../metrics/publish-metrics.js";
import type { RecordHeaders } from "../transport/record.js";
import { keyBytes } from "./key-bytes.js";
import { headerBytes } from "./record-headers.js";

/** What a record costs beyond key, value and headers, with some to spare. */
const RECORD_OVERHEAD_BYTES = 32;

/** What becomes of a message: its bytes, or nothing for a tombstone. */
export interface Content {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** @throws {BusError} `contract_violation` */
export function validContent<T extends object, Init extends object>(contract: Contract<T, Init>, message: Init): Content {
  const violations = contract.validate(message);
  if (violations.length > 0) throw refusal(contract, violations);
  return content(contract, message);
}

/** The refusal of messages that break their contract. */
export function refusal(contract: AnyContract, violations: readonly Violation[]): BusError {
  refused(contract, violations);
  return contractViolation(contract, violations);
}

/** Of a message that is known to be valid. */
export function content<T extends object, Init extends object>(contract: Contract<T, Init>, message: Init): Content {
  return { key: contract.key(message), value: contract.encode(message) };
}

/** @throws {BusError} `invalid_options` */
export function tombstone(contract: AnyContract & Pick<CompactedContract<object>, "keyKind">, key: string | number | bigint | Uint8Array): Content {
  if (contract.topic?.cleanup === "delete") {
    throw new BusError(
      "invalid_options",
      `${contract.typeName} has no tombstones: the cleanup of topic ${contract.topic.name} is delete, not compact`,
    );
  }
  return { key: keyBytes(key, contract), value: null };
}

/** What a record weighs on its way. */
export function recordBytes({ key, value }: Content, headers: RecordHeaders): number {
  return RECORD_OVERHEAD_BYTES + (key?.byteLength ?? 0) + (value?.byteLength ?? 0) + headerBytes(headers);
}
