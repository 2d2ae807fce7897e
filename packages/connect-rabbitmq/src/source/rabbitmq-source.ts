import type { ConnectorContext, ConnectRecord, Source, SourceBatch, SourceContext, Split, UnreadableRecord } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import type { Channel, ConsumeMessage } from "amqplib";
import { openConnection, type RabbitmqConnection } from "../connection/connection.js";
import { rabbitmqError } from "../connection/errors.js";
import { declareQueue } from "./declare-queue.js";
import { Inbox } from "./inbox.js";
import { type RabbitmqSourceOptions, type ResolvedRabbitmqSourceOptions, rabbitmqSourceOptions } from "./options.js";
import { readMessage } from "./read-message.js";

const owner = "rabbitmqSource";

/**
 * Reads queues. A message is acknowledged after its record has been written, so what a crash interrupts comes again, with `amqp-redelivered: true` in its
 * headers. The id of a record is that of the queue with the message id of the publisher; a message without one gets another id at each delivery, so a sink
 * cannot tell that it is a repeat.
 *
 * Order: that of the queue, as long as one consumer reads it and nothing is given back. What comes again after a failure comes late.
 *
 * @typeParam T what `schema` makes of a message; without a schema what the caller knows of it
 * @throws {BusError} `invalid_options`
 */
export function rabbitmqSource<T = unknown>(options: RabbitmqSourceOptions): Source<T> {
  const resolved = resolveOptions(owner, rabbitmqSourceOptions, options);
  const { consumers, exclusive } = resolved;
  if (exclusive && consumers > 1) throw new BusError("invalid_options", `${owner}: consumers ${consumers} must be 1 where exclusive is true`);
  const queues = [resolved.queues].flat();
  return {
    name: "rabbitmq",
    replayable: false,
    async splits() {
      return queues.flatMap((queue): readonly Split[] => {
        if (consumers === 1) return [{ id: queue, settings: { queue } }];
        return Array.from({ length: consumers }, (_, index) => ({ id: `${queue}#${index}`, settings: { queue } }));
      });
    },
    async check(context) {
      await withChannel(resolved, context, async (channel) => {
        for (const queue of queues) await declareQueue(channel, queue, resolved.declare);
      });
    },
    read: (context) => readQueue<T>(resolved, context),
  };
}

async function withChannel(
  options: ResolvedRabbitmqSourceOptions,
  context: ConnectorContext,
  work: (channel: Channel) => Promise<void>,
): Promise<void> {
  const connection = await openConnection(options, context);
  try {
    const channel = await connection.model.createChannel();
    channel.on("error", () => {});
    await work(channel);
  } catch (cause) {
    throw rabbitmqError("the queues are not as the source needs them", cause);
  } finally {
    await connection.close();
  }
}

async function* readQueue<T>(options: ResolvedRabbitmqSourceOptions, context: SourceContext): AsyncIterable<SourceBatch<T>> {
  const queue = queueOf(context);
  if (context.readOnly)
    context.logger.warn({ queue }, "a queue has no reading without taking: what a dry run takes goes back to it, marked as redelivered");
  const connection = await openConnection(options, context);
  let channel: Channel | undefined;
  try {
    const inbox = new Inbox<ConsumeMessage>();
    const consumer = await consume(connection, queue, options, inbox);
    channel = consumer.channel;
    const stop = (): void => {
      consumer.stop();
      inbox.end(undefined);
    };
    context.signal.addEventListener("abort", stop, { once: true });
    if (context.signal.aborted) stop();
    for (;;) {
      const messages = await inbox.take(options.maxRecords);
      if (messages.length === 0) return;
      yield toBatch<T>(queue, messages, consumer, options);
    }
  } finally {
    // what was prefetched and not handed out goes back to the queue
    await connection.close(channel);
  }
}

function queueOf({ split }: SourceContext): string {
  const { settings } = split;
  if (settings !== null && typeof settings === "object" && !Array.isArray(settings) && typeof settings.queue === "string") return settings.queue;
  throw new BusError("invalid_options", `the split ${split.id} names no queue`);
}

interface Consumer {
  readonly channel: Channel;
  /** Asks for no more messages, so that what is given back is not handed out to us again. Idempotent. */
  stop(): void;
}

async function consume(
  connection: RabbitmqConnection,
  queue: string,
  options: ResolvedRabbitmqSourceOptions,
  inbox: Inbox<ConsumeMessage>,
): Promise<Consumer> {
  const what = `the queue ${queue} cannot be read`;
  try {
    const channel = await connection.model.createChannel();
    channel.on("error", (error: unknown) => inbox.end(rabbitmqError(what, error)));
    channel.once("close", () => inbox.end(new BusError("transport_failed", `${what}: the channel was closed`, { retryable: true })));
    await declareQueue(channel, queue, options.declare);
    await channel.prefetch(options.prefetch);
    const onMessage = (message: ConsumeMessage | null): void => {
      if (message !== null) inbox.push(message);
      else
        inbox.end(
          new BusError("transport_failed", `${what}: the broker has ended the consumer, it was deleted or its node is gone`, { retryable: true }),
        );
    };
    const { consumerTag } = await channel.consume(queue, onMessage, { exclusive: options.exclusive });
    let isStopped = false;
    const stop = (): void => {
      if (isStopped) return;
      isStopped = true;
      // of a channel that is closed there is nothing to stop
      channel.cancel(consumerTag).catch(() => {});
    };
    return { channel, stop };
  } catch (cause) {
    throw rabbitmqError(what, cause);
  }
}

function toBatch<T>(queue: string, messages: readonly ConsumeMessage[], consumer: Consumer, options: ResolvedRabbitmqSourceOptions): SourceBatch<T> {
  const { channel } = consumer;
  const records: ConnectRecord<T>[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const message of messages) {
    const read = readMessage<T>(queue, message, options);
    if ("record" in read) records.push(read.record);
    else unreadable.push(read.unreadable);
  }
  return {
    records,
    ...(unreadable.length > 0 && { unreadable }),
    acknowledge() {
      const last = messages.at(-1);
      try {
        // batches are done with in order, so all before this one are
        if (last !== undefined) channel.ack(last, true);
      } catch (cause) {
        throw rabbitmqError(`messages of ${queue} cannot be acknowledged, they come again`, cause);
      }
    },
    release() {
      consumer.stop();
      try {
        for (const message of messages) channel.nack(message, false, true);
      } catch {
        // the channel is closed: the broker has them back
      }
    },
  };
}
