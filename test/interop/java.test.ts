import type { Transport } from "@org/bus-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Ledger } from "../faults/ledger.js";
import { kafkaForTests } from "../support/kafka.js";
import { Program, type ProgramFlags } from "../verifiable/program.js";
import { transports } from "../verifiable/transports.js";

const { available, brokers } = await kafkaForTests();
const KEYS = 20;

/** Kafka's own programs beside ours, on one topic, and the books of what both print. */
class Meeting {
  readonly ledger = new Ledger();
  readonly topic = `interop-${crypto.randomUUID()}`;
  readonly #programs: Program[] = [];

  constructor(readonly client: string) {}

  async ours(name: string, program: "producer" | "consumer", flags: ProgramFlags = {}): Promise<Program> {
    const all = { ...this.#common, transport: this.client, ...(program === "consumer" && this.#member), ...flags };
    return this.#started(Program.ours(name, program, all, (event) => this.ledger.add(name, event)));
  }

  async java(name: string, tool: "VerifiableProducer" | "VerifiableConsumer", flags: ProgramFlags = {}): Promise<Program> {
    const all = { ...this.#common, ...(tool === "VerifiableConsumer" && this.#member), ...flags };
    return this.#started(await Program.java(name, tool, all, (event) => this.ledger.add(name, event)));
  }

  handled(count: number): Promise<void> {
    return this.ledger.until(() => this.ledger.handled >= count, AbortSignal.timeout(60_000));
  }

  async close(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.kill()));
  }

  get #common(): ProgramFlags {
    return { "bootstrap-server": brokers.join(","), topic: this.topic };
  }

  get #member(): ProgramFlags {
    return { "group-id": this.topic, "session-timeout": 6_000, verbose: true };
  }

  async #started(program: Program): Promise<Program> {
    this.#programs.push(program);
    await program.event("startup_complete");
    return program;
  }
}

describe.skipIf(!available).each(Object.keys(transports))("beside Kafka's own clients, on %s", (client) => {
  let transport: Transport | undefined;
  beforeAll(() => {
    transport = transports[client]?.({ brokers });
  });
  afterAll(() => transport?.close());

  async function meet(partitions: number, body: (meeting: Meeting) => Promise<void>): Promise<void> {
    const meeting = new Meeting(client);
    await transport?.admin.createTopics([{ name: meeting.topic, partitions, cleanup: "delete" }]);
    try {
      await body(meeting);
    } finally {
      await meeting.close();
    }
  }

  const kept = { lost: [], writtenTwice: [], outOfOrder: [], overlaps: [], commitsAhead: [] };

  test("our consumer reads what the Java producer writes, in the order of its keys", () =>
    meet(3, async (meeting) => {
      const { ledger } = meeting;
      const producer = await meeting.java("java", "VerifiableProducer", { "max-messages": 1_000, "repeating-keys": KEYS });
      await producer.event("shutdown_complete");
      await meeting.ours("ours", "consumer");
      await meeting.handled(1_000);
      expect(ledger.report()).toMatchObject({ ...kept, published: 1_000, duplicates: 0 });
    }));

  test("the Java consumer reads what our producer writes, in the order of its keys", () =>
    meet(3, async (meeting) => {
      const { ledger } = meeting;
      const producer = await meeting.ours("ours", "producer", { "max-messages": 1_000, "repeating-keys": KEYS });
      await producer.event("shutdown_complete");
      await meeting.java("java", "VerifiableConsumer");
      await meeting.handled(1_000);
      expect(ledger.report()).toMatchObject({ ...kept, published: 1_000, duplicates: 0 });
    }));

  test("both put a key on the same partition", () =>
    meet(7, async (meeting) => {
      const { ledger } = meeting;
      const partitionOf = new Map<string, Set<number>>();
      const flags = { "max-messages": 200, "repeating-keys": 200 };
      for (const producer of [await meeting.java("java", "VerifiableProducer", flags), await meeting.ours("ours", "producer", flags)]) {
        await producer.event("shutdown_complete");
        for (const event of producer.events) {
          if (event.name !== "producer_send_success") continue;
          partitionOf.set(event.key ?? "", (partitionOf.get(event.key ?? "") ?? new Set()).add(event.partition));
        }
      }
      expect(ledger.acked).toBe(400);
      expect(partitionOf.size).toBe(200);
      expect([...partitionOf.values()].filter((partitions) => partitions.size > 1)).toEqual([]);
    }));

  test("members of ours and of the Java client in one group, coming and going, lose nothing", () =>
    meet(6, async (meeting) => {
      const { ledger } = meeting;
      const producer = await meeting.java("producer", "VerifiableProducer", { throughput: 300, "repeating-keys": KEYS });
      const strategy = { "assignment-strategy": "org.apache.kafka.clients.consumer.RangeAssignor" };
      const first = await meeting.ours("ours-1", "consumer");
      await meeting.handled(200);
      const java = await meeting.java("java-1", "VerifiableConsumer", strategy);
      await meeting.handled(500);
      const second = await meeting.ours("ours-2", "consumer");
      await meeting.handled(800);
      await java.stop();
      await meeting.handled(1_100);
      const again = await meeting.java("java-2", "VerifiableConsumer", strategy);
      await first.stop();
      await meeting.handled(1_500);
      await producer.stop();
      await ledger.until(() => ledger.unhandled() === 0, AbortSignal.timeout(60_000));
      await second.stop();
      await again.stop();
      const { published, ...report } = ledger.report();
      expect(published).toBeGreaterThanOrEqual(1_500);
      // the Java client says nothing of starts, and repeats what it had not committed
      expect(report).toMatchObject({ lost: [], writtenTwice: [], overlaps: [], commitsAhead: [] });
    }));
});
