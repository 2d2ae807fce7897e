import { type Bus, type Clock, type ConsumeOptions, type Consumption, createBus } from "@org/bus-core";
import type { DeliveryRecorder } from "@org/bus-testkit";
import type { Connection, SimulatedCluster } from "./cluster/cluster.js";
import { type RoughTransport, roughTransport } from "./cluster/rough-transport.js";
import type { Chance } from "./environment/chance.js";
import { ProcessClock } from "./environment/process-clock.js";
import { GROUP, Job } from "./messages.js";
import { Handlers, type Healing } from "./scenario/handlers.js";
import type { Scenario } from "./scenario/scenario.js";
import { openShape } from "./scenario/shapes.js";
import type { Trace } from "./trace.js";

export interface MemberContext {
  readonly scenario: Scenario;
  readonly cluster: SimulatedCluster;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly healing: Healing;
  /** Something that must not happen. */
  readonly report: (problem: string) => void;
}

/** One process of the group: a bus and what consumes on it. */
export class Member {
  readonly name: string;
  readonly #context: MemberContext;
  readonly #clock: ProcessClock;
  readonly #connection: Connection;
  readonly #transport: RoughTransport;
  readonly #recorder: DeliveryRecorder;
  readonly #bus: Bus;
  readonly #handlers: Handlers;
  #consumption: Consumption;
  #breaksPipe = false;
  /** Up: it has neither crashed nor begun to close. */
  isUp = true;
  isPaused = false;

  constructor(name: string, context: MemberContext, recorder: DeliveryRecorder) {
    const { scenario, cluster, clock, trace, healing } = context;
    const chance = context.chance.fork(name);
    const logger = trace.logger(name);
    this.name = name;
    this.#context = context;
    this.#clock = new ProcessClock(clock);
    this.#connection = cluster.connect(name, this.#clock, logger);
    const repeatedBatches = () => (healing.healed ? 0 : scenario.repeatedBatches);
    this.#transport = roughTransport(this.#connection.transport, chance.fork("transport"), repeatedBatches);
    this.#recorder = recorder.member(name);
    this.#handlers = new Handlers(scenario.handlers, chance.fork("handlers"), this.#clock, healing);
    const transport = this.#recorder.transport(this.#transport, [Job.topic?.name ?? ""]);
    this.#bus = createBus({ service: name, transport, clock: this.#clock, random: chance.fork("bus").next, logger });
    this.#consumption = this.#open(scenario.outOfRange);
  }

  get explanation(): string {
    return JSON.stringify(this.#consumption.explain());
  }

  crash(): void {
    this.isUp = false;
    this.#clock.kill();
    this.#connection.crash();
    this.#recorder.crashed();
  }

  /** Resolves when the process has ended. */
  async close(): Promise<void> {
    this.isUp = false;
    this.#recorder.closing();
    await this.#bus.close();
    this.#clock.kill();
  }

  /** Closes the stream and opens another, which does not wait for it. */
  reopen(): void {
    const closing = this.#consumption;
    this.#recorder.closing();
    closing.close().catch((error: unknown) => this.#context.report(`${this.name} could not close its stream: ${String(error)}`));
    this.#consumption = this.#open(this.#context.scenario.outOfRange);
  }

  stopConsumers(): void {
    this.#transport.stopConsumers();
  }

  breakPipe(): void {
    this.#breaksPipe = true;
  }

  pause(): void {
    this.isPaused = true;
    this.#consumption.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.#consumption.resume();
  }

  #open(outOfRange: ConsumeOptions["outOfRange"]): Consumption {
    const { scenario } = this.#context;
    const consumption = openShape({
      bus: this.#bus,
      recorder: this.#recorder,
      handlers: this.#handlers,
      scenario,
      options: consumeOptions(scenario, outOfRange),
      mayBreak: () => {
        if (!this.#breaksPipe) return;
        this.#breaksPipe = false;
        throw new Error("a bug in an operator");
      },
    });
    if (this.isPaused) consumption.pause();
    this.#watch(consumption);
    return consumption;
  }

  #watch(consumption: Consumption): void {
    consumption.closed.catch((error: Error & { readonly code?: string }) => {
      if (!this.isUp || consumption !== this.#consumption) return;
      this.#context.trace.line(this.name, `its stream has ended: ${error.message}`);
      // what an operator of the service would do; nothing else may end a stream
      if (error.code === "offset_out_of_range") this.#consumption = this.#open("earliest");
      else this.#context.report(`the stream of ${this.name} has ended by itself: ${error.message}`);
    });
  }
}

function consumeOptions(scenario: Scenario, outOfRange: ConsumeOptions["outOfRange"]): ConsumeOptions {
  const { maxUnsettled, maxOffsetSpan, maxWaitingPerKey, commitIntervalMs, drainTimeoutMs, attempts } = scenario;
  return {
    group: GROUP,
    ...(outOfRange === undefined ? {} : { outOfRange }),
    credit: { maxUnsettled, maxOffsetSpan, maxWaitingPerKey },
    commitIntervalMs,
    drainTimeoutMs,
    failure: { attempts, initialBackoffMs: 20, maxBackoffMs: 2_000 },
  };
}
