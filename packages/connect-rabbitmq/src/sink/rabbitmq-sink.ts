import type { ConnectRecord, Sink, SinkWriter, WriteOutcome } from "@org/bus-connect";
import { resolveOptions } from "@org/bus-core/internal";
import { openConnection } from "../connection/connection.js";
import { rabbitmqError } from "../connection/errors.js";
import { ConnectionPublishers } from "./connection-publishers.js";
import { type OutgoingMessage, toMessage } from "./message.js";
import { type RabbitmqSinkOptions, type ResolvedRabbitmqSinkOptions, rabbitmqSinkOptions } from "./options.js";
import { publishAll } from "./publish-all.js";

/**
 * Publishes to exchanges. A record is written when the broker has confirmed its message: with `persistent` and durable queues it is on the disk then.
 * The message id is the id of the record, by which consumers can tell repeats; RabbitMQ itself cannot.
 *
 * @throws {BusError} `invalid_options`
 */
export function rabbitmqSink<T = unknown>(options: RabbitmqSinkOptions<T>): Sink<T> {
  const resolved = resolveOptions("rabbitmqSink", rabbitmqSinkOptions, options);
  return {
    name: "rabbitmq",
    concurrency: 4,
    async check(context) {
      const connection = await openConnection(resolved, context);
      try {
        const channel = await connection.model.createChannel();
        channel.on("error", () => {});
        if (typeof resolved.exchange === "string" && resolved.exchange !== "") await channel.checkExchange(resolved.exchange);
        else if (resolved.exchange === "" && typeof resolved.routingKey === "string") await channel.checkQueue(resolved.routingKey);
      } catch (cause) {
        throw rabbitmqError("the sink cannot publish", cause);
      } finally {
        await connection.close();
      }
    },
    checkRecord: (record) => void toMessage(record, resolved),
    async open(context) {
      const publishers = new ConnectionPublishers(resolved, context);
      await publishers.shared();
      return writer<T>(publishers, resolved);
    },
  };
}

function writer<T>(publishers: ConnectionPublishers, options: ResolvedRabbitmqSinkOptions): SinkWriter<T> {
  return {
    async write(records, { signal }) {
      const outcomes: (WriteOutcome | undefined)[] = [];
      const messages: OutgoingMessage[] = [];
      for (const record of records) {
        const message = messageOrError(record, options);
        outcomes.push("error" in message ? { status: "rejected", error: message.error } : undefined);
        if ("content" in message) messages.push(message);
      }
      const published = (await publishAll(messages, publishers, signal)).values();
      return outcomes.map((outcome) => outcome ?? published.next().value ?? { status: "retriable", error: undefined });
    },
    close: () => publishers.close(),
  };
}

function messageOrError(record: ConnectRecord<unknown>, options: ResolvedRabbitmqSinkOptions): OutgoingMessage | { readonly error: unknown } {
  try {
    return toMessage(record, options);
  } catch (error) {
    return { error };
  }
}
