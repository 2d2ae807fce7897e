import { stderrLogger, systemClock } from "@org/bus-core";
import type { Kafka } from "kafkajs";
import { expect, test } from "vitest";
import { Backoff } from "../client/backoff.js";
import { KafkaProducer } from "./producer.js";

test("a producer that fails to connect after it was replaced leaves its successor in place", async () => {
  const connects = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const made: { readonly disconnects: number }[] = [];
  const client = {
    producer() {
      const producer = {
        disconnects: 0,
        connect: () => connects[made.indexOf(producer)]?.promise,
        async disconnect() {
          producer.disconnects++;
        },
        sendBatch: async () => [],
      };
      made.push(producer);
      return producer;
    },
  };
  // of a client the producer calls nothing else
  const createClient = () => client as unknown as Kafka;
  const connection = {
    createClient,
    principal: "user alice",
    logger: stderrLogger,
    clock: systemClock,
    backoff: new Backoff(systemClock, Math.random),
  };
  const producer = new KafkaProducer(connection, { compression: "none", requestTimeoutMs: 1_000 });

  const first = producer.request([], 1_000);
  producer.renew();
  const second = producer.request([], 1_000);
  connects[1]?.resolve();
  await second;
  connects[0]?.reject(new Error("no route to host"));
  await expect(first).rejects.toThrow("no route to host");
  await producer.request([], 1_000);
  await producer.close();
  expect(made.map(({ disconnects }) => disconnects)).toEqual([1, 1]);
});
