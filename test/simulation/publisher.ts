import { type Bus, BusError, type Clock, createBus } from "@org/bus-core";
import type { DeliveryRecorder } from "@org/bus-testkit";
import type { SimulatedCluster } from "./cluster/cluster.js";
import type { Chance } from "./environment/chance.js";
import { ProcessClock } from "./environment/process-clock.js";
import { Job } from "./messages.js";
import type { Scenario } from "./scenario/scenario.js";
import type { Trace } from "./trace.js";

export interface PublisherContext {
  readonly scenario: Scenario;
  readonly cluster: SimulatedCluster;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly trace: Trace;
}

/** The process that publishes: all jobs of a run, in bursts. What it was not told of it publishes again. */
export class Publisher {
  readonly #context: PublisherContext;
  readonly #bus: Bus;

  constructor(context: PublisherContext, recorder: DeliveryRecorder) {
    const { cluster, clock, chance, trace } = context;
    this.#context = context;
    const own = new ProcessClock(clock);
    const logger = trace.logger("publisher");
    const transport = recorder.member("publisher").transport(cluster.connect("publisher", own, logger).transport, [Job.topic?.name ?? ""]);
    this.#bus = createBus({ service: "publisher", transport, clock: own, random: chance.fork("publisher").next, logger });
  }

  /** Resolves when everything has been acknowledged. */
  async run(): Promise<void> {
    const { scenario, chance } = this.#context;
    const draws = chance.fork("jobs");
    const burstMs = scenario.lengthMs / scenario.records;
    const publishing: Promise<void>[] = [];
    for (let number = 0; number < scenario.records; ) {
      const size = draws.integer(1, 8);
      for (let count = 0; count < size && number < scenario.records; count++) publishing.push(this.#publish(this.#job(number++, draws)));
      await this.#wait(burstMs * size * draws.between(0, 1.6));
    }
    await Promise.all(publishing);
    await this.#bus.close();
  }

  /** Low keys come more often than high ones. */
  #job(number: number, draws: Chance): Job {
    const { keys, keyless, handlers } = this.#context.scenario;
    // it goes to the dead letter at once, past what waits for its key: nobody would have worked on it
    if (draws.happens(handlers.malformed)) return { key: `malformed${number}`, number, isMalformed: true };
    return { key: draws.happens(keyless) ? "" : `k${Math.floor(keys * draws.next() ** 2)}`, number };
  }

  async #publish(job: Job): Promise<void> {
    for (;;) {
      try {
        await this.#bus.publish(Job, job, { deliveryTimeoutMs: 20_000 });
        return;
      } catch (error) {
        this.#context.trace.line("publisher", `job ${job.number} is to be published again: ${BusError.from(error, "publish_failed").message}`);
        await this.#wait(500);
      }
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#context.clock.schedule(ms, resolve);
    });
  }
}
