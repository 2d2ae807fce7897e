import { type AnyContract, BusError, type ConsumeOptions, type DeliveredOf } from "@org/bus-core";
import { consumeOptions, resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import type { Source } from "../source/source.js";

const { from, outOfRange, decode, credit, commitIntervalMs } = consumeOptions.shape;

export const fromTopicOptions = z.strictObject({
  group: z.string().min(1).optional().describe("The consumer group. Default: the name of the connector."),
  from: from.describe("Where to start without a committed offset: `earliest`, `latest` or a Date."),
  outOfRange: outOfRange.describe("When the committed offset has left the log: `stop`, `earliest` or `latest`."),
  decode: decode.describe("How deep and how large a message may be."),
  credit: credit.describe("How far reading may run ahead; default: what `maxInFlight` of the connector says.").optional(),
  commitIntervalMs: commitIntervalMs.describe("From one commit of offsets to the next, in ms."),
});

export type FromTopicOptions = Partial<Pick<ConsumeOptions, "group" | "from" | "outOfRange" | "decode" | "credit" | "commitIntervalMs">>;

/** A source that the engine of the bus reads: what `read` is for others, a consumer group is for it. */
export class TopicSource<T> implements Source<T> {
  readonly name = "topic";
  readonly replayable = true;

  constructor(
    readonly contracts: readonly AnyContract[],
    readonly options: z.output<typeof fromTopicOptions>,
  ) {}

  read(): never {
    throw new BusError("unsupported", "fromTopic is read by runConnector, as a member of a consumer group");
  }
}

/** The consumer group that reads it for a connector. */
export function groupOf({ name }: { readonly name: string }, { options }: TopicSource<unknown>): string {
  return options.group ?? name;
}

/**
 * Messages of one topic or of several, read as a member of a consumer group: as `bus.consume` does it, with its guarantees. Copies of the connector share
 * the partitions.
 *
 * @throws {BusError} `invalid_options`
 */
export function fromTopic<C extends AnyContract>(contracts: C | readonly C[], options: FromTopicOptions = {}): Source<DeliveredOf<C>> {
  const list: readonly C[] = Array.isArray(contracts) ? contracts : [contracts];
  const resolved = resolveOptions("fromTopic", fromTopicOptions, options);
  if (list.length === 0) throw new BusError("invalid_options", "fromTopic needs at least one contract");
  for (const contract of list) {
    if (contract?.topic === undefined)
      throw new BusError("invalid_options", `fromTopic: ${contract?.typeName ?? String(contract)} must be a contract with a topic`);
  }
  return new TopicSource(list, resolved);
}
