import type { Context } from "@opentelemetry/api";
import type { AnyContract, Contract, DeliveredOf } from "../../contract/contract.js";
import { BusError } from "../../errors.js";
import { type Content, validContent } from "../../publish/content.js";
import type { PublishOptions } from "../../publish/publish.js";
import type { OutgoingRecord, RecordHeaders } from "../../transport/record.js";
import type { RunScope } from "../run/run-scope.js";
import type { Delivery } from "./delivery.js";
import { JoinedSettlement } from "./joined-settlement.js";
import type { Origin } from "./origin.js";
import type { Settlement } from "./settlement.js";

/** The one implementation of `Delivery`. */
export class EngineDelivery<T> implements Delivery<T> {
  attempt = 1;
  /** It was settled, or what was derived from it carries its share of the settlement. */
  private passedOn = false;
  private expiry: AbortSignal | undefined;
  private limitedSignal: AbortSignal | undefined;

  /**
   * @param origin the record it came of, and whose position it shows
   * @param joined the further records it came of
   */
  constructor(
    readonly origin: Origin,
    readonly joined: readonly Origin[],
    readonly settlement: Settlement,
    readonly value: T,
  ) {}

  get key(): Uint8Array | null {
    return this.origin.record.key;
  }
  get topic(): string {
    return this.origin.record.topic;
  }
  get partition(): number {
    return this.origin.record.partition;
  }
  get offset(): number {
    return this.origin.record.offset;
  }
  get timestamp(): number {
    return this.origin.record.timestamp;
  }
  get headers(): RecordHeaders {
    return this.origin.record.headers;
  }
  get signal(): AbortSignal {
    if (this.expiry === undefined) return this.origin.signal;
    this.limitedSignal ??= AbortSignal.any([this.origin.signal, this.expiry]);
    return this.limitedSignal;
  }
  /** Fires when `signal` does. Where it can be, it is that of the whole partition, for one of its own costs more than to publish a message does. */
  get publishSignal(): AbortSignal {
    return this.expiry === undefined ? this.origin.work.signal : this.signal;
  }
  get context(): Context {
    return this.settlement.context;
  }
  get run(): RunScope {
    return this.origin.run;
  }

  is<C extends AnyContract>(contract: C): this is EngineDelivery<DeliveredOf<C>> {
    return (this.origin.contract as AnyContract) === contract;
  }

  /** All records that it came of. */
  get origins(): readonly [Origin, ...Origin[]] {
    return [this.origin, ...this.joined];
  }

  /** Whether the span of one of its records has begun and will be seen. */
  get isTraced(): boolean {
    return this.origin.isTraced || this.joined.some((origin) => origin.isTraced);
  }

  /** Whether work on it may start. One that was joined goes on while any of its records may. */
  get mayStart(): boolean {
    return this.origin.mayStart || this.joined.some((origin) => origin.mayStart);
  }

  /** Whether what its work resulted in still counts. */
  get mayGoOn(): boolean {
    return this.origin.mayGoOn || this.joined.some((origin) => origin.mayGoOn);
  }

  get isActive(): boolean {
    return this.origin.isActive || this.joined.some((origin) => origin.isActive);
  }

  /** Whether it must wait, because of how far what is settled reaches in its partition. What has begun, and what was joined, goes on. */
  get isBeyondCeiling(): boolean {
    return this.joined.length === 0 && this.origin.isBeyondCeiling;
  }

  /** From now on its signal fires with `expiry` too. */
  limitBy(expiry: AbortSignal | undefined): void {
    this.expiry = expiry;
    this.limitedSignal = undefined;
  }

  begin(): void {
    this.origin.begin();
    for (const origin of this.joined) origin.begin();
  }

  /** Takes its share of the settlement. One that is taken again (an operator emitted it twice) gets a share of its own while there is one. */
  claim(): void {
    if (this.passedOn) {
      this.run.misused(this.topic, this.partition, this.offset);
      this.settlement.share(1);
    }
    this.passedOn = true;
  }

  /** Ends its share, settled or given up; without effect when it was passed on. */
  release(settled: boolean): void {
    if (this.passedOn) {
      this.run.misused(this.topic, this.partition, this.offset);
      return;
    }
    this.passedOn = true;
    if (!settled) for (const origin of this.origins) origin.giveUp();
    this.settlement.release(settled);
  }
}

const alone: readonly Origin[] = [];

/** The delivery of a record that was just received. */
export function received<T>(origin: Origin, value: T): EngineDelivery<T> {
  return new EngineDelivery(origin, alone, origin, value);
}

/** @throws {BusError} `unsupported` when it was not made by the engine */
export function engineDelivery<T>(delivery: Delivery<T>): EngineDelivery<T> {
  if (delivery instanceof EngineDelivery) return delivery;
  throw new BusError("unsupported", "an operator emitted something that is not a delivery of this stream; derive it with mapMessages instead");
}

/** A delivery of `value` in the place of `delivery`, which it settles in the end. @internal */
export function derive<T>(delivery: Delivery<unknown>, value: T): Delivery<T> {
  const parent = engineDelivery(delivery);
  parent.claim();
  return new EngineDelivery(parent.origin, parent.joined, parent.settlement, value);
}

/** Deliveries of `values` in the place of `delivery`; it settles when all of them have, at once when there are none. @internal */
export function fanOut<T>(delivery: Delivery<unknown>, values: readonly T[]): Delivery<T>[] {
  const parent = engineDelivery(delivery);
  if (values.length === 0) {
    parent.release(true);
    return [];
  }
  parent.claim();
  parent.settlement.share(values.length - 1);
  return values.map((value) => new EngineDelivery(parent.origin, parent.joined, parent.settlement, value));
}

/**
 * One delivery of `value` in the place of all `deliveries`, which it settles together. It shows position and key of the first; its context is a span that
 * links to those of all.
 *
 * @throws {BusError} `unsupported` when there are none
 * @internal
 */
export function join<T>(deliveries: readonly Delivery<unknown>[], value: T): Delivery<T> {
  const parts = deliveries.map((delivery) => engineDelivery(delivery));
  const [first, ...others] = parts;
  if (first === undefined) throw new BusError("unsupported", "join needs at least one delivery");
  for (const part of parts) part.claim();
  const joined = [...first.joined, ...others.flatMap((other) => [other.origin, ...other.joined])];
  const settlements = parts.map((part) => part.settlement);
  return new EngineDelivery(first.origin, joined, new JoinedSettlement(settlements, [first.origin, ...joined]), value);
}

/**
 * Publishes what came of `delivery`, as its stream does: at once, resolving when that is acknowledged; or, exactly once, together with the offset.
 *
 * @throws {BusError} as `bus.publish`
 * @internal
 */
export function publishFrom<T extends object, Init extends object>(
  delivery: Delivery<unknown>,
  contract: Contract<T, Init>,
  message: Init,
  options: FromOptions,
): Promise<unknown> {
  const from = engineDelivery(delivery);
  if (from.origin.work.outbox === undefined) return from.run.publisher.publish(contract, message, { ...options, signal: from.publishSignal });
  return new Promise<void>((acknowledged, failed) => {
    publishTogether(from, contract, () => validContent(contract, message), options, { acknowledged, failed });
  });
}

/**
 * The same for who publishes many: it calls back, for a promise for each costs about as much as to encode one.
 *
 * @param make gives the message's key and bytes, or a tombstone's; may throw what is wrong with it
 * @internal
 */
export function publishEachFrom(
  delivery: Delivery<unknown>,
  contract: AnyContract,
  make: () => Content,
  options: FromOptions,
  outcome: FromOutcome,
): void {
  const from = engineDelivery(delivery);
  if (from.origin.work.outbox === undefined) from.run.publisher.publishEach(contract, make, { ...options, signal: from.publishSignal }, outcome);
  else publishTogether(from, contract, make, options, outcome);
}

type FromOptions = Pick<PublishOptions, "headers" | "timestamp" | "deliveryTimeoutMs">;

/** One of them is called, once; at once where nothing has to be waited for. */
interface FromOutcome {
  acknowledged(): void;
  failed(error: unknown): void;
}

function publishTogether(
  from: EngineDelivery<unknown>,
  contract: AnyContract,
  make: () => Content,
  options: FromOptions,
  outcome: FromOutcome,
): void {
  let last: Origin;
  let prepared: OutgoingRecord | Promise<OutgoingRecord>;
  try {
    // that of the last of its records: whatever is committed without it leaves the others of them open too
    last = lastOfOnePartition(from);
    prepared = from.run.publisher.prepare(contract, make, options);
  } catch (error) {
    outcome.failed(error);
    return;
  }
  const keep = (record: OutgoingRecord) => {
    last.publish(from, record);
    outcome.acknowledged();
  };
  if (prepared instanceof Promise) prepared.then(keep, (error: unknown) => outcome.failed(error));
  else keep(prepared);
}

function lastOfOnePartition({ origin, origins }: EngineDelivery<unknown>): Origin {
  const others = origins.filter(({ work }) => work !== origin.work);
  if (others.length === 0) return origins.reduce((last, each) => (each.slot > last.slot ? each : last));
  throw new BusError(
    "unsupported",
    `one message made of ${origin.record.topic}[${origin.record.partition}] and of other partitions cannot be published exactly once: each partition has its own transactions`,
  );
}

/** The delivery has reached the end of its way. @internal */
export function settle(delivery: Delivery<unknown>): void {
  engineDelivery(delivery).release(true);
}
