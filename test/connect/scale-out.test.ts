import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createBus } from "@org/bus-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Copied, copiedContract } from "../programs/copied.js";
import { kafkaForTests } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";
import { watchTopic } from "../support/watch-topic.js";

const { available, brokers } = await kafkaForTests();

const PARTITIONS = 4;
const SPLITS = 8;
const PER_SPLIT = 200;
const program = fileURLToPath(new URL("../dist/programs/read-splits.js", import.meta.url));

/** A process that shares the splits with others. */
function startReader(args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const started: { readonly split: string; readonly position: number }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => started.push(JSON.parse(line)));
  const ended = once(child, "close") as Promise<[number | null, string | null]>;
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, started, ended };
}

describe.skipIf(!available)("splits of a source on Kafka", () => {
  test.each(kafkaClients)(
    "with $client, move away from a process that is killed, and each record is written once",
    // below the 60 s after which the cluster would end the transaction of the killed one by itself
    { timeout: 55_000 },
    async ({ client, open }) => {
      const name = `splits-${client}-${process.pid}-${Date.now().toString(36)}`;
      const transport = open({ brokers });
      const bus = createBus({ service: "scale-out-test", transport });
      onTestFinished(() => bus.close());
      await bus.topics.ensure([copiedContract(name, PARTITIONS)]);
      const results = await watchTopic<Copied>(transport, name);
      const readers = Array.from({ length: 3 }, () => startReader([client, brokers.join(","), name, String(PARTITIONS), String(PER_SPLIT)]));
      await results.until((SPLITS * PER_SPLIT) / 4);
      // one of which something has been committed: what goes on elsewhere goes on from there
      const written = new Set([...results.seen.values()].map(({ key }) => key));
      const working = readers.find(({ started }) => started.some(({ split }) => written.has(split)));
      working?.child.kill("SIGKILL");
      await results.until(SPLITS * PER_SPLIT);
      const ended = await Promise.all(readers.map((reader) => reader.ended));
      expect(ended.map(([code, signal]) => signal ?? code).toSorted()).toEqual([0, 0, "SIGKILL"]);

      // what the killed one had begun, others went on with, and not from the beginning
      const moved = working?.started.map(({ split }) => split) ?? [];
      const later = readers.filter((reader) => reader !== working).flatMap(({ started }) => started);
      expect(later.map(({ split }) => split)).toEqual(expect.arrayContaining(moved));
      expect(Math.max(...later.map(({ position }) => position))).toBeGreaterThan(0);
      const bySplit = Map.groupBy(results.seen.values(), ({ key }) => key);
      expect(bySplit.size).toBe(SPLITS);
      const all = Array.from({ length: PER_SPLIT }, (_, position) => position);
      for (const [split, records] of bySplit)
        expect({ split, positions: records.map(({ position }) => position) }).toEqual({ split, positions: all });
    },
  );
});
