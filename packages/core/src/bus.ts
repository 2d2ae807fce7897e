import type { Consumption } from "./consume/consumption.js";
import type { Delivery } from "./consume/delivery/delivery.js";
import type { HandlerOptions } from "./consume/options.js";
import type { AnyContract, CompactedContract, Contract, DeliveredOf } from "./contract/contract.js";
import type { PublishOptions, PublishReceipt } from "./publish/publish.js";

/** The topics of contracts, on the cluster of the bus. */
export interface BusTopics {
  /**
   * Creates the topics of `contracts` that do not exist, as their contracts declare them, and adds partitions where the contract has more.
   *
   * @throws {BusError} `topic_conflict` naming every difference that it will not change in silence: fewer partitions, another cleanup or retention
   */
  ensure(contracts: readonly AnyContract[]): Promise<void>;
}

/** Publishes and consumes messages by their contracts; made by `createBus`. */
export interface Bus extends AsyncDisposable {
  /** `service.name` of this process, in headers and spans. */
  readonly service: string;
  readonly topics: BusTopics;
  /**
   * Checks `message` against its contract, encodes it and sends it. Resolves when all in-sync replicas have it. Calls that are made
   * while a send is out go together with the next one, in order. `message` must not be changed before the promise has settled.
   *
   * @throws {BusError} `contract_violation` with every fault, before anything is sent; `unknown_topic`; `record_too_large`; `publish_failed`; `aborted`; `closed`
   */
  publish<T extends object, Init extends object>(
    contract: Contract<T, Init>,
    message: NoInfer<Init>,
    options?: PublishOptions,
  ): Promise<PublishReceipt>;
  /** As `publish`, for many: nothing is sent when one of them breaks the contract (paths begin with `[index]`). Receipts in order. */
  publishAll<T extends object, Init extends object>(
    contract: Contract<T, Init>,
    messages: readonly NoInfer<Init>[],
    options?: PublishOptions,
  ): Promise<readonly PublishReceipt[]>;
  /** Deletes `key` from a compacted topic: writes a record of that key without a value. Rejects as `publish` does. */
  publishTombstone<T extends object, Init extends object>(
    contract: CompactedContract<T, Init>,
    key: string | number | bigint | Uint8Array,
    options?: PublishOptions,
  ): Promise<PublishReceipt>;
  /**
   * Runs `handler` for every message of the topics of `contracts`: `concurrency` at once, never two with one key, in order per key. A
   * message is settled when its handler has resolved; what a failing one leads to is `options.failure`. A handler that is tried
   * again gets the same value object, with what it has changed in it.
   *
   * @throws {BusError} `invalid_options`
   */
  consume<C extends AnyContract>(
    contracts: C | readonly C[],
    options: HandlerOptions,
    handler: (value: DeliveredOf<C>, delivery: Delivery<DeliveredOf<C>>) => unknown,
  ): Consumption;
  /**
   * Closes what consumes, sends what is buffered, closes the transport. Idempotent. In a handler of this bus it resolves when nothing of its stream is in
   * flight any more but handlers that await it: their messages are settled when they end.
   */
  close(): Promise<void>;
}
