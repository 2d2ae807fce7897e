import { randomUUID } from "node:crypto";
import { context } from "@opentelemetry/api";
import type { Clock } from "../clock.js";
import { LimitedContext } from "../context/limited-context.js";
import { describeBody, PublishSpans } from "../context/publish-spans.js";
import type { AnyContract, CompactedContract, Contract } from "../contract/contract.js";
import { describeValue } from "../contract/rules/describe.js";
import { atIndex } from "../contract/violations/contract-violation.js";
import { BusError, type Violation } from "../errors.js";
import type { Logger } from "../logger.js";
import type { OutgoingRecord } from "../transport/record.js";
import type { Transport } from "../transport/transport.js";
import { type Content, content, recordBytes, refusal, tombstone, validContent } from "./content.js";
import { publisherClosed } from "./errors.js";
import type { ResolvedPublisherOptions } from "./options.js";
import { PendingRecord, type PublishOutcome } from "./pending-record.js";
import { RecordPreparer } from "./prepare-record.js";
import type { PublishOptions, PublishReceipt } from "./publish.js";
import { allReceipts } from "./publish-all.js";
import { publishOptionsFault } from "./publish-options.js";
import type { Publisher, RawRecord } from "./publisher.js";
import { recordHeaders } from "./record-headers.js";
import { RecordSender } from "./record-sender.js";
import { type Route, Routes } from "./routes.js";
import type { TopicCatalog } from "./topic-catalog.js";

const NO_OPTIONS: PublishOptions = {};

export interface PublisherDeps {
  readonly service: string;
  readonly transport: Pick<Transport, "name" | "createProducer">;
  readonly catalog: TopicCatalog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly options: ResolvedPublisherOptions;
}

/** A publisher over one producer of the transport, which is made when the first message is there. */
export function createPublisher(deps: PublisherDeps): Publisher {
  return new BatchingPublisher(deps);
}

class BatchingPublisher implements Publisher {
  readonly #deps: PublisherDeps;
  readonly #sender: RecordSender;
  readonly #routes: Routes;
  readonly #preparer: RecordPreparer;
  readonly #context: LimitedContext;
  readonly #spans: PublishSpans;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
    this.#spans = new PublishSpans(deps.transport.name);
    this.#routes = new Routes(deps.service);
    this.#context = new LimitedContext(deps.logger);
    this.#preparer = new RecordPreparer(deps, this.#routes, this.#context, this.#spans);
    this.#sender = new RecordSender(deps, this.#spans);
  }

  publish<T extends object, Init extends object>(contract: Contract<T, Init>, message: Init, options?: PublishOptions): Promise<PublishReceipt> {
    return this.#checked("publish", options) ?? this.#submit(contract, () => validContent(contract, message), options);
  }

  async publishAll<T extends object, Init extends object>(
    contract: Contract<T, Init>,
    messages: readonly Init[],
    options?: PublishOptions,
  ): Promise<readonly PublishReceipt[]> {
    if (options !== undefined) await this.#checked("publishAll", options);
    this.#routes.of(contract);
    if (!Array.isArray(messages)) throw new BusError("invalid_options", `publishAll: messages must be an array, is ${describeValue(messages)}`);
    const violations: Violation[] = [];
    for (const [index, message] of messages.entries()) {
      for (const violation of contract.validate(message)) violations.push(atIndex(violation, index));
    }
    if (violations.length > 0) throw refusal(contract, violations);
    return allReceipts(messages.map((message) => this.#submit(contract, () => content(contract, message), options)));
  }

  publishTombstone<T extends object, Init extends object>(
    contract: CompactedContract<T, Init>,
    key: string | number | bigint | Uint8Array,
    options?: PublishOptions,
  ): Promise<PublishReceipt> {
    return this.#checked("publishTombstone", options) ?? this.#submit(contract, () => tombstone(contract, key), options);
  }

  publishEach(contract: AnyContract, make: () => Content, options: PublishOptions, outcome: PublishOutcome): void {
    const fault = publishOptionsFault("publish", options);
    if (fault !== undefined) outcome.failed(fault);
    else this.#take(contract, make, options, outcome);
  }

  sendRaw(record: RawRecord, options: Pick<PublishOptions, "signal" | "deliveryTimeoutMs"> = NO_OPTIONS): Promise<PublishReceipt> {
    return new Promise((resolve, reject) => {
      if (!Number.isSafeInteger(record.timestamp) || record.timestamp < 0) {
        throw new BusError("invalid_options", `timestamp ${record.timestamp} must be an integer >= 0, in ms since the epoch`);
      }
      const pending = this.#pending(
        record.topic,
        "a record",
        true,
        { ...options, timestamp: record.timestamp },
        { acknowledged: resolve, failed: reject },
      );
      pending.partition = record.partition;
      this.#fill(pending, record, record.headers);
      pending.span = this.#spans.startRawSend(record.topic, record.value, context.active());
      this.#add(pending, options.signal);
    });
  }

  prepare(
    contract: AnyContract,
    make: () => Content,
    options: Pick<PublishOptions, "headers" | "timestamp"> = NO_OPTIONS,
  ): OutgoingRecord | Promise<OutgoingRecord> {
    return this.#preparer.prepare(contract, make, options);
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  /** The rejection for options that are wrong; most messages have none. */
  #checked(owner: string, options: PublishOptions | undefined): Promise<never> | undefined {
    const fault = options === undefined ? undefined : publishOptionsFault(owner, options);
    return fault === undefined ? undefined : Promise.reject(fault);
  }

  #submit(contract: AnyContract, make: () => Content, options: PublishOptions = NO_OPTIONS): Promise<PublishReceipt> {
    return new Promise((resolve, reject) => this.#take(contract, make, options, { acknowledged: resolve, failed: reject }));
  }

  #take(contract: AnyContract, make: () => Content, options: PublishOptions, outcome: PublishOutcome): void {
    let route: Route;
    try {
      route = this.#routes.of(contract);
    } catch (error) {
      outcome.failed(BusError.from(error, "invalid_options"));
      return;
    }
    const pending = this.#pending(route.topic, contract.typeName, false, options, outcome);
    const messageId = randomUUID();
    // the active context, with its `create` span where tracing is on, travels with the message
    const traced = this.#spans.startCreate(route.topic, messageId, context.active());
    pending.span = traced.span;
    const fill = () => {
      const headers = recordHeaders(route.constant, messageId, options.headers);
      this.#context.inject(traced.context, headers, route.topic);
      this.#fill(pending, make(), headers);
      if (pending.span !== undefined) describeBody(pending.span, pending.value);
    };
    if (this.#sender.isFull) pending.encodeLater = fill;
    else if (!attempt(pending, fill)) return;
    this.#add(pending, options.signal);
  }

  #add(pending: PendingRecord, signal: AbortSignal | undefined): void {
    if (this.#sender.closed) pending.fail(publisherClosed(pending.label, pending.topic));
    else this.#sender.add(pending, signal);
  }

  #pending(topic: string, label: string, isRaw: boolean, options: PublishOptions, outcome: PublishOutcome): PendingRecord {
    const now = this.#deps.clock.now();
    const timeoutMs = options.deliveryTimeoutMs ?? this.#deps.options.deliveryTimeoutMs;
    const timestamp = options.timestamp ?? now;
    return new PendingRecord({ topic, label, isRaw, enqueuedAt: now, timeoutMs, timestamp }, outcome);
  }

  #fill(pending: PendingRecord, { key, value }: Content, headers: RawRecord["headers"]): void {
    pending.key = key;
    pending.value = value;
    pending.headers = headers;
    pending.bytes = recordBytes({ key, value }, headers);
  }
}

function attempt(pending: PendingRecord, fill: () => void): boolean {
  try {
    fill();
    return true;
  } catch (error) {
    pending.fail(BusError.from(error, "publish_failed"));
    return false;
  }
}
