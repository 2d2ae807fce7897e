import { defineMetrics, durationBuckets } from "@org/bus-core/internal";

/** Attributes of ours: the name of a connector, the state of a task. */
export const BUS_CONNECTOR = "bus.connector";
export const BUS_TASK_STATE = "bus.connect.task.state";
/** Who answers for a connector; absent where nobody is named. */
export const BUS_OWNER_TEAM = "bus.owner.team";
export const BUS_OWNER_CHANNEL = "bus.owner.channel";

const OWNED = [BUS_CONNECTOR, BUS_OWNER_TEAM, BUS_OWNER_CHANNEL];

/** Every metric of this package; `docs/metrics.md` is made of it too. What a source that is a topic does is in the metrics of its consumer group as well. */
export const connectMetrics = defineMetrics({
  read: {
    name: "bus.connect.records.read",
    kind: "counter",
    unit: "{record}",
    description: "Records that sources have given.",
    attributes: [BUS_CONNECTOR],
  },
  written: {
    name: "bus.connect.records.written",
    kind: "counter",
    unit: "{record}",
    description: "Records that sinks have acknowledged, after the transforms; exactly once, when they are committed.",
    attributes: [BUS_CONNECTOR],
  },
  retries: {
    name: "bus.connect.retries",
    kind: "counter",
    unit: "{try}",
    description: "Records that a sink could not write and that are tried again.",
    attributes: [BUS_CONNECTOR],
  },
  deadLetters: {
    name: "bus.connect.dead_letters",
    kind: "counter",
    unit: "{record}",
    description: "Dead letters of records of sources that are no topics.",
    attributes: [BUS_CONNECTOR],
  },
  writeDuration: {
    name: "bus.connect.write.duration",
    kind: "histogram",
    unit: "s",
    description:
      "How long one write of a sink took; of a sink that is a topic until what was published is acknowledged, or exactly once the transaction.",
    attributes: [BUS_CONNECTOR],
    buckets: durationBuckets,
  },
  tasks: {
    name: "bus.connect.tasks",
    kind: "upDownCounter",
    unit: "{task}",
    description: "Tasks of this process in each state, of completed ones the last hundred. Alert on `failed`: it does not go away by itself.",
    attributes: [...OWNED, BUS_TASK_STATE],
  },
  unhealthy: {
    name: "bus.connect.unhealthy",
    kind: "gauge",
    unit: "1",
    description: "1 when the connector has failed or a task of it is stalled, 0 when it is well.",
    attributes: OWNED,
  },
  stalled: {
    name: "bus.connect.tasks.stalled",
    kind: "gauge",
    unit: "{task}",
    description: "Tasks that have had something to do for `stallAfterMs` and have finished nothing of it.",
    attributes: OWNED,
  },
  inFlight: {
    name: "bus.connect.records.in_flight",
    kind: "upDownCounter",
    unit: "{record}",
    description: "Records that are read and not yet written; exactly once, not yet committed.",
    attributes: OWNED,
  },
  lastRecordAge: {
    name: "bus.connect.last_record.age",
    kind: "gauge",
    unit: "s",
    description:
      "How long ago the last record was read; since its start where there was none. Large on a source that should never be quiet: RUNNING, but no data.",
    attributes: OWNED,
  },
  lag: {
    name: "bus.connect.lag",
    kind: "gauge",
    unit: "{record}",
    description: "Records between what is written and the end of the log, of sources that are topics.",
    attributes: OWNED,
  },
});
