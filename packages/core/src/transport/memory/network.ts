import { type Clock, systemClock } from "../../clock.js";
import type { BusErrorCode } from "../../errors.js";
import type { MemoryBroker } from "./broker.js";
import { faultError, type MemoryFault, type MemoryFaults } from "./faults.js";
import type { Random } from "./random.js";

/** How long one way between a client and the cluster takes, in ms; drawn evenly between both. */
export interface LatencyRange {
  readonly min: number;
  readonly max: number;
}

/** What the clients of one transport share. */
export interface MemoryConnection {
  readonly broker: MemoryBroker;
  readonly network: Network;
  readonly maxBatchRecords: number;
  readonly faults: MemoryFaults;
}

/** The way between the clients of one transport and the broker. Every call takes at least one turn of the event loop, so that nothing starves it. */
export class Network {
  readonly clock: Clock;
  readonly #random: Random;
  readonly #latencyMs: LatencyRange | undefined;
  #crashed = false;

  constructor(clock: Clock, random: Random, latencyMs: LatencyRange | undefined) {
    this.clock = clock;
    this.#random = random;
    this.#latencyMs = latencyMs;
  }

  get hasLatency(): boolean {
    return this.#latencyMs !== undefined;
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  /** From now on nothing arrives, in either direction. */
  crash(): void {
    this.#crashed = true;
  }

  /** A call to the cluster and its answer. Never settles after a crash. */
  async call<T>(operation: string, code: BusErrorCode, fault: MemoryFault | undefined, act: () => T): Promise<T> {
    if (this.hasLatency || this.#crashed || fault?.delayMs !== undefined) await this.travel(fault?.delayMs);
    try {
      if (fault?.fail === "before") throw faultError(fault, operation, code);
      const result = act();
      if (fault?.fail === "after") throw faultError(fault, operation, code);
      return result;
    } finally {
      await this.travel();
    }
  }

  /** Resolves after one way through the network. */
  travel(extraMs = 0): Promise<void> {
    return new Promise((resolve) => this.deliver(resolve, extraMs));
  }

  /** Runs `arrive` after one way through the network, unless there is a crash before. */
  deliver(arrive: () => void, extraMs = 0): void {
    const arriveIfAlive = () => {
      if (!this.#crashed) arrive();
    };
    const delayMs = this.#drawLatency() + extraMs;
    // a timer of the system takes a millisecond at least
    if (delayMs === 0 && this.clock === systemClock) setImmediate(arriveIfAlive);
    else this.clock.schedule(delayMs, arriveIfAlive);
  }

  #drawLatency(): number {
    if (this.#latencyMs === undefined) return 0;
    const { min, max } = this.#latencyMs;
    return min + this.#random() * (max - min);
  }
}
