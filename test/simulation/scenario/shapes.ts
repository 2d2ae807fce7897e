import type { Bus, ConsumeOptions, Consumption, Delivery } from "@org/bus-core";
import { batchMessages, filterMessages, mapKeyed, mapKeyedBatches, mapMessages, publishTo, stream, tapMessages } from "@org/bus-streams";
import type { DeliveryRecorder } from "@org/bus-testkit";
import { tap } from "rxjs";
import { Done, Job } from "../messages.js";
import type { Handlers } from "./handlers.js";
import type { Scenario } from "./scenario.js";

export interface ShapeContext {
  readonly bus: Bus;
  readonly recorder: DeliveryRecorder;
  readonly handlers: Handlers;
  readonly scenario: Scenario;
  readonly options: ConsumeOptions;
  /** Throws when an operator is to break the pipe. */
  readonly mayBreak: () => void;
}

/** Starts what the scenario runs in a member. */
export function openShape(context: ShapeContext): Consumption {
  const { bus, recorder, handlers, scenario, options, mayBreak } = context;
  const { concurrency, order, shape, handlerTimeoutMs } = scenario;
  const keyed = { concurrency, order, ...(handlerTimeoutMs === undefined ? {} : { handlerTimeoutMs }) };
  const work = recorder.stage("work", async (job: Job, delivery): Promise<Job> => {
    await handlers.work(job, delivery);
    return { ...job, source: `${delivery.partition}@${delivery.offset}` };
  });
  const jobs = () => stream(bus, Job, options);
  const atEnd = recorder.handler(() => {});
  switch (shape) {
    case "handler":
      return bus.consume(Job, { ...options, ...keyed }, recorder.handler(handlers.work));
    case "keyed":
      return jobs()
        .pipe(tap(mayBreak), mapKeyed(recorder.handler(handlers.work), keyed))
        .run();
    case "pipe":
    case "exactlyOnce":
      return (shape === "pipe" ? jobs() : jobs().exactlyOnce({ maxWaitMs: scenario.commitIntervalMs, maxMessages: scenario.maxFetch }))
        .pipe(
          filterMessages((job, delivery) => isWanted(job, delivery, recorder)),
          mapKeyed(work, keyed),
          tap(mayBreak),
          publishTo(Done, { deliveryTimeoutMs: 5_000 }),
          tapMessages(atEnd),
        )
        .run();
    case "batches":
      return jobs()
        .pipe(
          mapKeyedBatches(
            recorder.batch((values, deliveries) => workOnAll(handlers, values, deliveries)),
            { ...keyed, maxBatch: 5 },
          ),
        )
        .run();
    case "gather":
      return jobs()
        .pipe(
          mapKeyed(
            recorder.stage("work", async (job: Job, delivery) => {
              await handlers.work(job, delivery);
              return { job, delivery };
            }),
            keyed,
          ),
          batchMessages({ maxSize: 4, maxWaitMs: 50 }),
          mapMessages((gathered) => {
            for (const { job, delivery } of gathered) void atEnd(job, delivery);
          }),
        )
        .run();
  }
}

/** Some jobs are left out of a pipe; they are done with at once. */
function isWanted({ key, number }: Job, { topic, partition, offset }: Delivery<Job>, recorder: DeliveryRecorder): boolean {
  if (number % 7 !== 3) return true;
  recorder.note({ kind: "ended", outcome: "settled", topic, partition, offset, key: key === "" ? null : key });
  return false;
}

type Result = { readonly ok: true; readonly value: Job } | { readonly ok: false; readonly error: unknown };

/** One after the other until one fails: what follows that has not been tried. */
async function workOnAll(handlers: Handlers, values: readonly Job[], deliveries: readonly Delivery<Job>[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const [index, job] of values.entries()) {
    const last = results.at(-1);
    results.push(last?.ok === false ? last : await workOn(handlers, job, deliveries[index] as Delivery<Job>));
  }
  return results;
}

async function workOn(handlers: Handlers, job: Job, delivery: Delivery<Job>): Promise<Result> {
  try {
    await handlers.work(job, delivery);
    return { ok: true, value: job };
  } catch (error) {
    return { ok: false, error };
  }
}
