import { createBus } from "@org/bus-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Copied, copiedContract } from "../programs/copied.js";
import { kafkaForTests } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";
import { watchTopic } from "../support/watch-topic.js";
import { type Copier, startCopier } from "./copier.js";

const { available, brokers } = await kafkaForTests();

const PARTITIONS = 4;
const KEYS = 50;
const PER_KEY = 40;
const COUNT = KEYS * PER_KEY;
/** Of the results that are there when a process is killed: strikes go by progress. */
const STRIKES = [0.2, 0.6];

describe.skipIf(!available)("exactly once on Kafka", () => {
  test.each(kafkaClients)(
    "with $client, each result is there once though processes are killed half-way",
    { timeout: 240_000 },
    async ({ client, open }) => {
      const run = `exactly-once-${client}-${process.pid}-${Date.now().toString(36)}`;
      const [from, to] = [copiedContract(`${run}-in`, PARTITIONS), copiedContract(`${run}-out`, PARTITIONS)];
      const transport = open({ brokers });
      const bus = createBus({ service: "exactly-once-test", transport });
      onTestFinished(() => bus.close());
      await bus.topics.ensure([from, to]);
      for (let position = 0; position < PER_KEY; position++) {
        await bus.publishAll(
          from,
          Array.from({ length: KEYS }, (_, key) => ({ key: `key-${key}`, position })),
        );
      }
      const results = await watchTopic<Copied>(transport, `${run}-out`);
      const copiers: Copier[] = [];
      onTestFinished(async () => {
        for (const copier of copiers) await copier.kill();
      });
      const start = () => copiers.push(startCopier([client, brokers.join(","), run, `${run}-in`, `${run}-out`, String(PARTITIONS)]));
      start();
      start();
      for (const strike of STRIKES) {
        await results.until(COUNT * strike);
        await copiers.shift()?.kill();
        start();
      }
      await results.until(COUNT);
      // what is settled is committed, so nothing more can come of it
      const closed = await Promise.all(copiers.splice(0).map((copier) => copier.close()));
      expect(closed).toEqual([0, 0]);

      const byKey = Map.groupBy(results.seen.values(), ({ key }) => key);
      const expected = Array.from({ length: PER_KEY }, (_, position) => position);
      expect(byKey.size).toBe(KEYS);
      for (const [key, ofKey] of byKey) expect({ key, positions: ofKey.map(({ position }) => position) }).toEqual({ key, positions: expected });
      const committed = await transport.admin.committed(run, [`${run}-in`]);
      const ends = await transport.admin.offsets(`${run}-in`);
      expect(committed.map(({ offset }) => offset).toSorted()).toEqual(ends.map(({ logEnd }) => logEnd).toSorted());
    },
  );
});
