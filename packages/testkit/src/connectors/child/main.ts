import { defineConnector, filePositions, type RunningConnector, runConnector } from "@org/bus-connect";
import { createBus } from "@org/bus-core";
import { Journal } from "../journal.js";
import type { SinkModule, SourceModule } from "../under-test.js";
import { numberedSource, takingSink } from "./counterparts.js";
import type { Job, PressureSample } from "./job.js";
import { striker } from "./strike.js";
import { type Watch, watchedPositions, watchedSink, watchedSource } from "./watched.js";

/*
 * A process that the suite starts, and that kills itself where the suite wants it: runs one connector until its source ends, or SIGTERM.
 */

const job = JSON.parse(process.argv[2] ?? "") as Job;
const module: SourceModule & SinkModule = await import(job.module);

let largestBatch = 0;
const onBatch = (records: number) => {
  largestBatch = Math.max(largestBatch, records);
};

const indexes = new WeakMap<object, string>();
const numbered = (index: number) => {
  const value = module.makeValue(index);
  if (typeof value === "object" && value !== null) indexes.set(value, String(index));
  return value;
};
const idOf =
  job.kind === "source"
    ? module.idOf
    : (value: unknown) => (typeof value === "object" && value !== null ? indexes.get(value) : undefined) ?? String(value);
const watch: Watch = { journal: new Journal(job.journal), strike: striker(job), idOf };
const source = job.kind === "source" ? await module.createSource(job.settings) : numberedSource(job.records, numbered);
const sink = job.kind === "source" ? takingSink() : await module.createSink(job.settings);

await using bus = createBus({ service: "connector-suite" });
const running = runConnector(
  bus,
  defineConnector({
    name: "under-test",
    source: watchedSource(source, watch, onBatch),
    sink: watchedSink(sink, watch, job.pressure?.recordMs ?? 0),
    positionIntervalMs: 0,
    flushIntervalMs: 100,
    batch: { maxRecords: 10 },
    failure: { maxBackoffMs: 500 },
    restart: { initialBackoffMs: 100, maxBackoffMs: 500, attempts: 30 },
    maxInFlight: { records: job.pressure?.maxInFlight ?? 1_000 },
  }),
  { positions: watchedPositions(filePositions(job.positions), watch) },
);
process.on("SIGTERM", () => void running.stop());
process.send?.("ready");
const sampling = job.pressure === undefined ? undefined : setInterval(() => process.send?.(sample(running)), 50);
await running.finished;
clearInterval(sampling);
await running.stop();
process.disconnect?.();

function sample(connector: RunningConnector): PressureSample {
  globalThis.gc?.();
  const { tasks } = connector.status();
  const sum = (name: "inFlight" | "read" | "written") => tasks.reduce((total, task) => total + task[name], 0);
  return { inFlight: sum("inFlight"), read: sum("read"), written: sum("written"), largestBatch, heapBytes: process.memoryUsage().heapUsed };
}
