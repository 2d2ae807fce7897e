import type { Channel, Options } from "amqplib";
import type { ResolvedRabbitmqSourceOptions } from "./options.js";

/** Makes sure that a queue is there: creates it where the options say how. Durable, in any case. */
export async function declareQueue(channel: Channel, queue: string, declare: ResolvedRabbitmqSourceOptions["declare"]): Promise<void> {
  if (declare === undefined) {
    await channel.checkQueue(queue);
    return;
  }
  const options: Options.AssertQueue = {
    durable: true,
    ...(declare.deadLetterExchange !== undefined && { deadLetterExchange: declare.deadLetterExchange }),
    ...(declare.deadLetterRoutingKey !== undefined && { deadLetterRoutingKey: declare.deadLetterRoutingKey }),
    arguments: { "x-queue-type": declare.type, ...(declare.deliveryLimit !== undefined && { "x-delivery-limit": declare.deliveryLimit }) },
  };
  await channel.assertQueue(queue, options);
  for (const { exchange, routingKey } of declare.bindings) await channel.bindQueue(queue, exchange, routingKey);
}
