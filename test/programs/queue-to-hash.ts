/**
 * Moves orders from a queue of RabbitMQ to a topic, and from there to hashes of Redis: two connectors in one process. Closes when its stdin ends, so that it
 * never outlives the test that started it.
 *
 *     node queue-to-hash.js BROKERS RUN RABBITMQ_URL REDIS_URL
 */
import { once } from "node:events";
import { propagation, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { defineConnector, fromTopic, map, runConnector, toTopic } from "@org/bus-connect";
import { rabbitmqSource } from "@org/bus-connect-rabbitmq";
import { redisHashSink } from "@org/bus-connect-redis";
import { createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { OrderPlaced } from "../contracts/gen/shop/v1/shop.js";

const [brokers = "", run = "", rabbitmqUrl = "", redisUrl = ""] = process.argv.slice(2);
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
const { topic } = OrderPlaced;
if (topic === undefined) throw new TypeError("orders have a topic");
const Order = { ...OrderPlaced, topic: { ...topic, name: run } };

interface QueuedOrder {
  readonly id: string;
  readonly customer: string;
  readonly cents: number;
}

const queueToTopic = defineConnector({
  name: `${run}-in`,
  source: rabbitmqSource<QueuedOrder>({ url: rabbitmqUrl, queues: run, prefetch: 20 }),
  transforms: [map(({ id, customer, cents }: QueuedOrder) => ({ orderId: id, customerId: customer, totalCents: BigInt(cents) }))],
  sink: toTopic(Order),
});

const topicToHash = defineConnector({
  name: `${run}-out`,
  source: fromTopic(Order),
  sink: redisHashSink<OrderPlaced>({
    url: redisUrl,
    key: ({ value }) => `${run}:${value.orderId}`,
    fields: ({ value, context }) => ({ ...value, trace: trace.getSpanContext(context)?.traceId }),
  }),
});

const bus = createBus({ service: run, transport: kafka({ brokers: brokers.split(","), consumer: { sessionTimeoutMs: 6_000 } }) });
await bus.topics.ensure([Order]);
const running = [queueToTopic, topicToHash].map((connector) => runConnector(bus, connector));
await Promise.race([once(process.stdin.resume(), "end"), ...running.map(({ finished }) => finished)]);
await Promise.all(running.map((connector) => connector.stop()));
await bus.close();
