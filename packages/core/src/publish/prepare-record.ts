import { randomUUID } from "node:crypto";
import { context, type Span } from "@opentelemetry/api";
import type { LimitedContext } from "../context/limited-context.js";
import { describeBody, endFailed, type PublishSpans } from "../context/publish-spans.js";
import type { AnyContract } from "../contract/contract.js";
import { BusError } from "../errors.js";
import type { OutgoingRecord } from "../transport/record.js";
import { type Content, recordBytes } from "./content.js";
import type { PublisherDeps } from "./create-publisher.js";
import { recordTooLarge, unknownTopic } from "./errors.js";
import { partitionForKey, StickyPartitions } from "./partitioner.js";
import type { PublishOptions } from "./publish.js";
import { recordHeaders } from "./record-headers.js";
import type { Routes } from "./routes.js";

/** Records without a key that go to one partition before the next one has its turn. */
const KEYLESS_IN_A_ROW = 100;

/** Makes the records of messages that somebody else sends. */
export class RecordPreparer {
  readonly #deps: PublisherDeps;
  readonly #routes: Routes;
  readonly #context: LimitedContext;
  readonly #spans: PublishSpans;
  readonly #sticky: StickyPartitions;
  #keyless = 0;

  constructor(deps: PublisherDeps, routes: Routes, context: LimitedContext, spans: PublishSpans) {
    this.#deps = deps;
    this.#routes = routes;
    this.#context = context;
    this.#spans = spans;
    this.#sticky = new StickyPartitions(deps.random);
  }

  /**
   * Without a promise where the topic is known, as it is after the first record.
   *
   * @throws {BusError} `contract_violation`; `unknown_topic`; `record_too_large`; `transport_failed` when the topic cannot be looked up
   */
  prepare(
    contract: AnyContract,
    make: () => Content,
    options: Pick<PublishOptions, "headers" | "timestamp">,
  ): OutgoingRecord | Promise<OutgoingRecord> {
    const route = this.#routes.of(contract);
    const { topic } = route;
    const { catalog, clock, options: limits } = this.#deps;
    const messageId = randomUUID();
    const { span, context: where } = this.#spans.startCreate(topic, messageId, context.active());
    try {
      const content = make();
      const headers = recordHeaders(route.constant, messageId, options.headers);
      this.#context.inject(where, headers, topic);
      if (span !== undefined) describeBody(span, content.value);
      const about = { topic, label: contract.typeName, isRaw: false, bytes: recordBytes(content, headers) };
      if (about.bytes > limits.maxBatchBytes) throw recordTooLarge(about, limits.maxBatchBytes);
      const record = (partitions: number): OutgoingRecord => {
        if (partitions === 0) throw unknownTopic(about);
        span?.end();
        const timestamp = options.timestamp ?? clock.now();
        return { topic, partition: this.#partitionOf(topic, content.key, partitions), ...content, headers, timestamp };
      };
      const known = catalog.partitions(topic, clock.now());
      if (known !== undefined) return record(known);
      return this.#load(topic)
        .then(record)
        .catch((error: unknown) => {
          throw ended(span, BusError.from(error, "publish_failed"));
        });
    } catch (error) {
      throw ended(span, BusError.from(error, "publish_failed"));
    }
  }

  async #load(topic: string): Promise<number> {
    const { catalog, clock } = this.#deps;
    await catalog.load(topic);
    return catalog.partitions(topic, clock.now()) ?? 0;
  }

  #partitionOf(topic: string, key: Uint8Array | null, partitions: number): number {
    if (key !== null) return partitionForKey(key, partitions);
    if (++this.#keyless % KEYLESS_IN_A_ROW === 0) this.#sticky.advance();
    return this.#sticky.of(topic, partitions);
  }
}

function ended(span: Span | undefined, error: BusError): BusError {
  if (span !== undefined) endFailed(span, error);
  return error;
}
