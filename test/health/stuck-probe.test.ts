import { type Bus, type Consumption, type Contract, createBus, type Logger, systemClock } from "@org/bus-core";
import { type ObservedStream, openStreams, StuckProbe } from "@org/bus-core/internal";
import { afterAll, describe, expect, test } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";

const { available, brokers } = await kafkaForTests();

const stalledAfterMs = 5_000;
const PARTITIONS = 6;
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const encoder = new TextEncoder();

interface Job {
  readonly id: string;
}

function jobContract(topic: string): Contract<Job> {
  return {
    typeName: "test.v1.Job",
    topic: { name: topic, keyField: "id", partitions: PARTITIONS, cleanup: "delete", owner: { team: "bus", channel: "#bus" } },
    sensitiveFields: [],
    validate: () => [],
    encode: (message) => encoder.encode(JSON.stringify(message)),
    decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Job,
    key: ({ id }) => encoder.encode(id),
  };
}

/** One process, as far as its probe is concerned. */
interface Member {
  readonly bus: Bus;
  readonly consumption: Consumption;
  readonly probe: StuckProbe;
}

describe.skipIf(!available)("the probe of a stuck consumer on Kafka", () => {
  const ends: (() => unknown)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  // at the same time: each waits for its group most of the time
  test.concurrent.each(kafkaClients)(
    "with $client stays green from 1 to 8 members and back under load, and turns red where a handler does not end",
    { timeout: 240_000 },
    async ({ open: transport }) => {
      const topic = `stuck-probe-${crypto.randomUUID()}`;
      const Job = jobContract(topic);
      const publisher = createBus({ service: "test", transport: transport({ brokers }), logger: silent });
      ends.push(() => publisher.close());
      await publisher.topics.ensure([Job]);

      // more than comes of a key meanwhile: there is always something to read, so what does not look stuck gets on
      let handlerMs = 60;
      let handled = 0;
      let onHandled = () => {};
      let stuckAt: number | undefined;
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const handler = async ({ id }: Job): Promise<void> => {
        if (id === "stuck") {
          stuckAt = Date.now();
          await released;
        }
        await new Promise((resolve) => setTimeout(resolve, handlerMs));
        handled++;
        onHandled();
      };

      const open = async (): Promise<Member> => {
        const before = new Set<ObservedStream>(openStreams());
        const bus = createBus({ service: "test", transport: transport({ brokers }), logger: silent });
        const consumption = bus.consume(Job, { group: topic, commitIntervalMs: 200 }, handler);
        const own = openStreams().filter((stream) => !before.has(stream));
        const probe = new StuckProbe({ stalledAfterMs, clock: systemClock, streams: () => own });
        probe.start();
        await consumption.started;
        return { bus, consumption, probe };
      };
      const close = async ({ bus, probe }: Member): Promise<void> => {
        await bus.close();
        probe.stop();
      };
      const members: Member[] = [];
      ends.push(() => Promise.all(members.map(close)));

      let loaded = true;
      const load = (async () => {
        while (loaded) {
          await publisher.publishAll(
            Job,
            Array.from({ length: 40 }, (_, key) => ({ id: `key-${key}` })),
          );
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })();
      ends.push(async () => {
        loaded = false;
        release();
        await load;
      });

      const red: unknown[] = [];
      const looking = setInterval(() => red.push(...members.flatMap(({ probe }) => probe.check())), 100);
      ends.push(() => clearInterval(looking));
      /** Resolves when 300 more are handled, so that each step meets a group at work. */
      const progress = () => {
        const until = handled + 300;
        return new Promise<void>((resolve) => {
          onHandled = () => {
            if (handled >= until) resolve();
          };
        });
      };

      while (members.length < 8) {
        members.push(await open());
        await progress();
      }
      while (members.length > 1) {
        await Promise.all(members.splice(0, 1).map(close));
        await progress();
      }
      expect(red).toEqual([]);
      clearInterval(looking);

      handlerMs = 0;
      members.push(await open());
      // so that the frontier gets to it at once
      const behind = () => members.flatMap(({ consumption }) => consumption.explain().partitions).reduce((sum, { unsettled }) => sum + unsettled, 0);
      while (behind() > 50) await progress();
      await publisher.publish(Job, { id: "stuck" });
      let found: ReturnType<StuckProbe["check"]>[] = [];
      while (found.every((reasons) => reasons.length === 0)) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        found = members.map(({ probe }) => probe.check());
      }
      const tookMs = Date.now() - (stuckAt ?? 0);
      // that of the member which has the handler, and no other
      expect(found.filter((reasons) => reasons.length > 0).length).toBe(1);
      const [reason] = found.flat();
      const owner = members.find(({ consumption }) => consumption.explain().partitions.some(({ heldBy }) => heldBy?.key === "stuck"));
      const held = owner?.consumption.explain().partitions.find(({ heldBy }) => heldBy?.key === "stuck");
      expect(reason).toMatchObject({
        reason: "not moving",
        group: topic,
        topic,
        partition: held?.partition,
        offset: held?.frontier,
        key: "stuck",
        stage: "handler(handler)",
        state: "running",
        since: new Date(held?.heldBy?.since ?? 0).toISOString(),
      });
      expect(tookMs).toBeLessThanOrEqual(stalledAfterMs + 2_000);
    },
  );
});
