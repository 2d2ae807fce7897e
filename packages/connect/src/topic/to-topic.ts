import { type AnyContract, BusError, type Contract, type DeliveredOf } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import type { Sink, SinkWriter } from "../sink/sink.js";

export const toTopicOptions = z.strictObject({
  exactlyOnce: z
    .boolean()
    .optional()
    .describe(
      "Whether records and position are written in one transaction. Default: where the source is replayable and the transport has transactions. `true` refuses to start elsewhere.",
    ),
  transactionMaxWaitMs: z
    .number()
    .int()
    .min(1)
    .default(100)
    .describe("How long what is written waits for others to go with it in one transaction, in ms."),
  transactionMaxRecords: z.number().int().min(1).default(1_000).describe("Records of one split or partition that go into one transaction."),
  headers: z.boolean().default(true).describe("Whether the headers of a record are published with it."),
  timestamps: z
    .enum(["publish", "event"])
    .default("publish")
    .describe(
      "Which time the published records carry: that of publishing, or that of the record. Kafka deletes by it: events older than the retention of the topic are gone soon.",
    ),
});

export type ToTopicOptions = z.input<typeof toTopicOptions>;

/** A sink that the engine of the bus writes: it publishes. */
export class TopicSink<T> implements Sink<T> {
  readonly name = "topic";

  constructor(
    readonly contracts: readonly AnyContract[],
    readonly options: z.output<typeof toTopicOptions>,
  ) {}

  open(): Promise<SinkWriter<T>> {
    throw new BusError("unsupported", "toTopic is written by runConnector, with the publisher of the bus");
  }
}

/** What is published of a contract: a message as it is made, or as it was decoded; undefined, a tombstone, where its topic is compacted. */
type MessageFor<C extends AnyContract> = DeliveredOf<C> | (C extends Contract<infer _T, infer Init> ? Init : never);

/**
 * Publishes each record, checked against its contract as `bus.publish` does it. A record without a value is the tombstone of its key, where the topic is compacted. With several contracts the record says which (`route`).
 *
 * @throws {BusError} `invalid_options`
 */
export function toTopic<const C extends AnyContract>(contracts: C | readonly C[], options: ToTopicOptions = {}): Sink<MessageFor<C>> {
  const list: readonly AnyContract[] = [contracts].flat();
  const resolved = resolveOptions("toTopic", toTopicOptions, options);
  if (list.length === 0) throw new BusError("invalid_options", "toTopic needs at least one contract");
  for (const contract of list) {
    if (contract?.topic === undefined)
      throw new BusError("invalid_options", `toTopic: ${contract?.typeName ?? String(contract)} must be a contract with a topic`);
  }
  return new TopicSink<MessageFor<C>>(list, resolved);
}
