import type { AnyContract, CompactedContract, Contract } from "../contract/contract.js";
import type { OutgoingRecord, RecordHeaders } from "../transport/record.js";
import type { Content } from "./content.js";
import type { PublishOutcome } from "./pending-record.js";
import type { PublishOptions, PublishReceipt } from "./publish.js";

/** Bytes that go out as they are: dead letters, retry topics. Trace headers are not added. */
export interface RawRecord {
  readonly topic: string;
  /** Absent: chosen from the key, as for every record. */
  readonly partition?: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: RecordHeaders;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** What stands between `bus.publish` and the transport: validate → encode → key and headers → batch → send. @internal */
export interface Publisher {
  publish<T extends object, Init extends object>(contract: Contract<T, Init>, message: Init, options?: PublishOptions): Promise<PublishReceipt>;
  publishAll<T extends object, Init extends object>(
    contract: Contract<T, Init>,
    messages: readonly Init[],
    options?: PublishOptions,
  ): Promise<readonly PublishReceipt[]>;
  publishTombstone<T extends object, Init extends object>(
    contract: CompactedContract<T, Init>,
    key: string | number | bigint | Uint8Array,
    options?: PublishOptions,
  ): Promise<PublishReceipt>;
  /**
   * As `publish`, for who publishes many: it calls back, for a promise for each costs about as much as to encode one. `make` may throw what is wrong with the
   * message. What is called back must not throw.
   */
  publishEach(contract: AnyContract, make: () => Content, options: PublishOptions, outcome: PublishOutcome): void;
  /**
   * Rejects as `publish` does; never retries beyond its delivery timeout. A record larger than `maxBatchBytes` is sent alone: only its topic
   * can refuse it.
   */
  sendRaw(record: RawRecord, options?: Pick<PublishOptions, "signal" | "deliveryTimeoutMs">): Promise<PublishReceipt>;
  /**
   * Makes the record of a message, or of a tombstone, for somebody else to send, in a transaction: at once, or when its topic is known. `make` may throw what
   * is wrong with it.
   *
   * @throws {BusError} `contract_violation`; `unknown_topic`; `record_too_large`; `transport_failed` when the topic cannot be looked up
   */
  prepare(
    contract: AnyContract,
    make: () => Content,
    options?: Pick<PublishOptions, "headers" | "timestamp">,
  ): OutgoingRecord | Promise<OutgoingRecord>;
  /** Sends what is buffered, then closes the producer. Idempotent. */
  close(): Promise<void>;
}
