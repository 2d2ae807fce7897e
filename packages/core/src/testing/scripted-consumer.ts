import { busInternals } from "../bus-internals.js";
import type { Clock } from "../clock.js";
import type { Consumption } from "../consume/consumption.js";
import type { Delivery } from "../consume/delivery/delivery.js";
import { settle } from "../consume/delivery/engine-delivery.js";
import { openConsumption } from "../consume/open-consumption.js";
import { type ConsumeOptions, consumeOptions } from "../consume/options.js";
import { createStage } from "../consume/stage/create-stage.js";
import type { CommitRequest, ConsumerListener, PartitionEpoch, Transport } from "../transport/transport.js";
import type { Lab } from "./consume-setup.js";
import { Reading } from "./reading.js";

/** A stream on a consumer whose part a test plays. */
export interface ScriptedConsumer {
  readonly consumption: Consumption;
  readonly listener: ConsumerListener;
  /** What was committed, in order. */
  readonly commits: CommitRequest[];
  readonly paused: Set<string>;
  /** Assigns partitions from where they were committed last. */
  assign(epoch: number, ...partitions: readonly number[]): Promise<void>;
  /** Delivers records of these sensors, at the offsets that follow. */
  deliver(partition: PartitionEpoch, ...sensors: readonly string[]): void;
  revoke(...partitions: readonly PartitionEpoch[]): Promise<void>;
}

export const at = (partition: number, epoch: number): PartitionEpoch => ({ topic: "lab.readings", partition, epoch });

export async function scriptConsumer(
  lab: Lab,
  options: Omit<ConsumeOptions, "group"> & { readonly clock?: Clock; readonly awaitableRevoke?: boolean },
  handler: (value: Reading, delivery: Delivery<unknown>) => unknown,
): Promise<ScriptedConsumer> {
  const internals = busInternals(lab.bus);
  const { clock = internals.clock, awaitableRevoke = true, ...rest } = options;
  let listener: ConsumerListener | undefined;
  const commits: CommitRequest[] = [];
  const paused = new Set<string>();
  const nameOf = ({ partition, epoch }: PartitionEpoch) => `${partition}@${epoch}`;
  const transport: Transport = {
    ...internals.transport,
    features: { ...internals.transport.features, awaitableRevoke },
    createConsumer: () => ({
      async start(given) {
        listener = given;
      },
      pause(partitions) {
        for (const each of partitions) paused.add(nameOf(each));
      },
      resume(partitions) {
        for (const each of partitions) paused.delete(nameOf(each));
      },
      commit: async (requests) => void commits.push(...requests),
      close: async () => {},
    }),
  };
  const consumption = openConsumption({ ...internals, transport, clock }, [Reading], consumeOptions.parse({ group: "g", ...rest }), {
    open() {
      const stage = createStage<unknown, unknown>(
        { name: "test", concurrency: 16, order: "key" },
        (delivery) => handler(delivery.value as Reading, delivery),
        settle,
      );
      return { next: (delivery) => stage.push(delivery), close() {} };
    },
  });
  await consumption.started;
  if (listener === undefined) throw new Error("the stream has not started its consumer");
  const told = listener;
  const next = new Map<string, number>();
  return {
    consumption,
    listener: told,
    commits,
    paused,
    async assign(epoch, ...partitions) {
      const assigned = partitions.map((partition) => {
        const committed = commits.findLast((commit) => commit.partition === partition);
        const position = committed?.offset ?? 0;
        next.set(nameOf(at(partition, epoch)), position);
        return { ...at(partition, epoch), position, committed, logStart: 0, logEnd: position };
      });
      await told.assigned(assigned);
    },
    deliver(partition, ...sensors) {
      const records = sensors.map((sensor) => {
        const offset = next.get(nameOf(partition)) ?? 0;
        next.set(nameOf(partition), offset + 1);
        const message: Reading = { sensor, celsius: offset };
        return { ...partition, offset, key: Reading.key(message), value: Reading.encode(message), headers: {}, timestamp: 1 };
      });
      told.records({ ...partition, records, logEnd: next.get(nameOf(partition)) ?? 0 });
    },
    revoke: (...partitions) => told.revoked(partitions),
  };
}
