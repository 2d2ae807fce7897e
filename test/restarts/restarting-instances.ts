import { createBus, type Transport } from "@org/bus-core";
import { createDeliveryRecorder, type DeliveryRecorder } from "@org/bus-testkit";
import { expect, it } from "vitest";
import { type Text, textContract } from "../verifiable/text-contract.js";

const TASKS = 10_000;
const KEYS = 100;
const PARTITIONS = 8;
const INSTANCES = 3;

/**
 * The test that LINE's Decaton asks of every processor (its `ProcessorTestSuite`: 10,000 tasks of 100 keys over 8 partitions, 3 instances, each
 * restarted once half is done), with our checks: nothing lost, the order and the exclusion of each key, commits never ahead, all committed in the end.
 */
export function restartingInstances(openTransport: () => Transport): void {
  it("handles every task while each instance is restarted once half is done", { timeout: 120_000 }, async () => {
    const topic = `tasks-${crypto.randomUUID()}`;
    const contract = textContract(topic);
    const recorder = createDeliveryRecorder();
    const publishing = openTransport();
    await publishing.admin.createTopics([{ name: topic, partitions: PARTITIONS, cleanup: "delete" }]);
    const publisher = createBus({ service: "tasks", transport: recorder.member("publisher").transport(publishing, [topic]) });

    const handled = new Set<string>();
    const half = Promise.withResolvers<void>();
    const all = Promise.withResolvers<void>();
    const handle = async ({ value }: Text): Promise<void> => {
      // lets others go on in between
      await new Promise((resolve) => setImmediate(resolve));
      handled.add(value);
      if (handled.size === TASKS / 2) half.resolve();
      if (handled.size === TASKS) all.resolve();
    };
    const start = async (name: string) => {
      const own: DeliveryRecorder = recorder.member(name);
      const bus = createBus({ service: name, transport: own.transport(openTransport(), [topic]) });
      await bus.consume(contract, { group: topic, concurrency: 16 }, own.handler(handle)).started;
      return bus;
    };

    const instances = await Promise.all(Array.from({ length: INSTANCES }, (_, index) => start(`instance-${index}`)));
    const tasks = Array.from({ length: TASKS }, (_, index): Text => ({ key: `key-${index % KEYS}`, value: String(index) }));
    for (let first = 0; first < TASKS / 2; first += 500) await publisher.publishAll(contract, tasks.slice(first, first + 500));
    await half.promise;
    const rest = (async () => {
      for (let first = TASKS / 2; first < TASKS; first += 500) await publisher.publishAll(contract, tasks.slice(first, first + 500));
    })();
    for (const [index, instance] of instances.entries()) {
      await instance.close();
      instances[index] = await start(`instance-${index}-again`);
    }
    await rest;
    await all.promise;
    await Promise.all(instances.map((instance) => instance.close()));

    const awaited = publishing.features.awaitableRevoke;
    const { violations, duplicates } = recorder.check({ concurrency: INSTANCES * 16, awaited, ...(awaited && { maxDuplicates: 0 }) });
    expect(violations).toEqual([]);
    expect(duplicates).toBeLessThanOrEqual(awaited ? 0 : INSTANCES * 16 * INSTANCES * 2);
    const committed = await publishing.admin.committed(topic, [topic]);
    const ends = await publishing.admin.offsets(topic);
    expect(ends.reduce((sum, { logEnd }) => sum + logEnd, 0)).toBe(TASKS);
    for (const { partition, logEnd } of ends) expect(committed.find((each) => each.partition === partition)?.offset ?? 0).toBe(logEnd);
    await publisher.close();
  });
}
