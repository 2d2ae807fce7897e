import type { Kafka } from "kafkajs";
import { expect, test } from "vitest";
import { connectionAt } from "../testing/test-member.js";
import { KafkaAdmin } from "./admin.js";

test("asks again when no broker answered and kafkajs trips over that", async () => {
  let asked = 0;
  const admin = {
    connect: async () => {},
    disconnect: async () => {},
    async fetchTopicMetadata({ topics }: { readonly topics: readonly string[] }) {
      if (asked++ < 2) throw new TypeError("Cannot read properties of null (reading 'topicMetadata')");
      return { topics: topics.map((name) => ({ name, partitions: [{}, {}] })) };
    },
  };
  const connection = { ...connectionAt(), createClient: () => ({ admin: () => admin }) as unknown as Kafka };
  expect(await new KafkaAdmin(connection).missingTopics(["orders"])).toEqual([]);
  expect(asked).toBe(3);
});
