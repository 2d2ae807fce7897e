import type { Bus } from "../bus.js";
import type { Clock } from "../clock.js";
import type { Consumption } from "../consume/consumption.js";
import { createBus } from "../create-bus.js";
import type { Logger } from "../logger.js";
import { createMemoryBroker } from "../transport/memory/broker.js";
import type { MemoryFaults } from "../transport/memory/faults.js";
import { type MemoryTransport, memory } from "../transport/memory/memory.js";
import type { IncomingRecord } from "../transport/record.js";
import { Reading } from "./reading.js";

/** A log line that was written at `warn` or above. */
export interface LogLine {
  readonly level: "warn" | "error";
  readonly message: string;
  readonly fields: object;
}

/** A cluster in memory with the topic of `Reading`, and buses on it. */
export interface Lab {
  /** Another process on the cluster; `crash` ends it as `kill -9` does. */
  member(faults?: MemoryFaults): Promise<{ readonly bus: Bus; readonly crash: () => void }>;
  readonly bus: Bus;
  readonly transport: MemoryTransport;
  readonly logged: LogLine[];
  /** Publishes readings of `sensors`, whose temperatures count up from 0. */
  publish(...sensors: string[]): Promise<void>;
  /** The committed offsets of `group`, by partition; 0 where there is none. */
  committed(group: string): Promise<number[]>;
  /** The end of each partition's log. */
  ends(topic?: string): Promise<number[]>;
  /** All records of a topic. */
  read(topic: string): Promise<IncomingRecord[]>;
  close(): Promise<void>;
}

export async function createLab(faults: MemoryFaults = {}, clock?: Clock): Promise<Lab> {
  const broker = createMemoryBroker({ sessionTimeoutMs: 20, ...(clock === undefined ? {} : { clock }) });
  const logged: LogLine[] = [];
  const logger: Logger = {
    debug() {},
    info() {},
    warn: (fields, message) => logged.push({ level: "warn", message, fields }),
    error: (fields, message) => logged.push({ level: "error", message, fields }),
  };
  const buses: Bus[] = [];
  const member = async (memberFaults: MemoryFaults = {}) => {
    const transport = memory({ broker, faults: memberFaults });
    const bus = createBus({ service: "lab", transport, logger, ...(clock === undefined ? {} : { clock }) });
    buses.push(bus);
    const crash = () => {
      buses.splice(buses.indexOf(bus), 1);
      transport.crash();
    };
    return { bus, transport, crash };
  };
  const { bus, transport } = await member(faults);
  await transport.admin.createTopics([{ name: "lab.readings", partitions: 4, cleanup: "delete" }]);
  let count = 0;

  const ends = async (topic = "lab.readings") => {
    const offsets = await transport.admin.offsets(topic);
    return offsets.toSorted((a, b) => a.partition - b.partition).map(({ logEnd }) => logEnd);
  };
  return {
    member,
    bus,
    transport,
    logged,
    ends,
    async publish(...sensors) {
      await bus.publishAll(
        Reading,
        sensors.map((sensor) => ({ sensor, celsius: count++ })),
      );
    },
    async committed(group) {
      const found = await transport.admin.committed(group, ["lab.readings"]);
      return (await ends()).map((_, partition) => found.find((commit) => commit.partition === partition)?.offset ?? 0);
    },
    async read(topic) {
      const total = (await ends(topic)).reduce((sum, end) => sum + end, 0);
      const records: IncomingRecord[] = [];
      const consumer = memory({ broker }).createConsumer({ group: `read-${topic}`, topics: [topic], from: "earliest", outOfRange: "stop" });
      await new Promise<void>((resolve, reject) => {
        consumer
          .start({
            assigned() {},
            records: (batch) => {
              records.push(...batch.records);
              if (records.length === total) resolve();
            },
            async revoked() {},
            lost() {},
            stopped: reject,
          })
          .catch(reject);
        if (total === 0) resolve();
      });
      await consumer.close();
      return records;
    },
    async close() {
      await Promise.all(buses.map((each) => each.close()));
    },
  };
}

/** Resolves when `condition` holds, looking after every turn of the event loop. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

/** Work that a test lets go on, one by one. */
export class Gate<T> {
  readonly entered: T[] = [];
  private readonly waiting: { readonly item: T; readonly open: () => void; readonly fail: (error: Error) => void }[] = [];

  /** Resolves when the test opens the gate for `item`. */
  pass(item: T): Promise<void> {
    this.entered.push(item);
    return new Promise((resolve, reject) => this.waiting.push({ item, open: resolve, fail: reject }));
  }

  get inside(): number {
    return this.waiting.length;
  }

  /** Lets all go on for which `chosen` answers true. */
  open(chosen: (item: T) => boolean = () => true): void {
    for (const each of this.waiting.splice(0)) {
      if (chosen(each.item)) each.open();
      else this.waiting.push(each);
    }
  }

  fail(error: Error, chosen: (item: T) => boolean = () => true): void {
    for (const each of this.waiting.splice(0)) {
      if (chosen(each.item)) each.fail(error);
      else this.waiting.push(each);
    }
  }
}

/** What a stream ended with; fails when it ended well. */
export async function endOf(consumption: Consumption): Promise<unknown> {
  return consumption.closed.then(
    () => {
      throw new Error("the stream was closed and did not fail");
    },
    (error: unknown) => error,
  );
}
