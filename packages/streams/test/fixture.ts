import {
  type AnyContract,
  type Bus,
  type Clock,
  type Consumption,
  createBus,
  type IncomingRecord,
  memory,
  systemClock,
  type Transport,
} from "@org/bus-core";
import { onTestFinished } from "vitest";
import { Invoice, Order } from "../../../test/support/json-contract.js";
import { collector } from "./collector.js";

export interface Fixture {
  readonly bus: Bus;
  readonly transport: Transport;
  /** Records in the topic that the group has not committed. */
  uncommitted(group: string, contract: AnyContract): Promise<number>;
  /** All records of a topic, over all partitions, as soon as there are `count`. Waits for the topic: `orders.<group>.dlq` comes with its stream. */
  records(topic: string, count: number): Promise<readonly IncomingRecord[]>;
}

/** A bus in memory with the topics of `Order` and `Invoice`, closed when the test ends. */
export async function fixture({ transport = memory(), clock = systemClock }: { transport?: Transport; clock?: Clock } = {}): Promise<Fixture> {
  const bus = createBus({ service: "streams-test", transport, clock });
  onTestFinished(() => bus.close());
  await bus.topics.ensure([Order, Invoice]);
  return {
    bus,
    transport,
    async uncommitted(group, contract) {
      const topic = contract.topic?.name ?? "";
      const committed = await transport.admin.committed(group, [topic]);
      const offsets = await transport.admin.offsets(topic);
      return offsets.reduce((sum, { partition, logStart, logEnd }) => {
        return sum + logEnd - (committed.find((commit) => commit.partition === partition)?.offset ?? logStart);
      }, 0);
    },
    async records(topic, count) {
      const size = async () => (await transport.admin.offsets(topic)).reduce((sum, { logEnd }) => sum + logEnd, 0);
      while ((await transport.admin.describeTopics([topic])).size === 0 || (await size()) < count) await new Promise(setImmediate);
      const read = collector<IncomingRecord>();
      const consumer = transport.createConsumer({ group: "records", topics: [topic], from: "earliest", outOfRange: "stop" });
      await consumer.start({
        assigned() {},
        records: (batch) => batch.records.forEach(read.add),
        revoked: async () => {},
        lost() {},
        stopped() {},
      });
      await read.reached(await size());
      await consumer.close();
      return read.items;
    },
  };
}

/** Resolves when every record of every partition has been settled. */
export async function allSettled(consumption: Consumption): Promise<void> {
  for (;;) {
    const { partitions } = consumption.explain();
    // there are none while a stream starts, and between two runs
    if (partitions.length > 0 && partitions.every(({ frontier, logEnd }) => frontier === logEnd)) return;
    await new Promise(setImmediate);
  }
}

export const orders = (count: number, id = (index: number) => `order-${index}`): Order[] =>
  Array.from({ length: count }, (_, index) => ({ id: id(index), amount: index }));
