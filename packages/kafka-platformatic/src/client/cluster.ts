import { BusError } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { ClusterClient } from "./cluster-client.js";
import { mayPass, toBusError } from "./faults.js";
import { Layout } from "./layout.js";
import { backoffMs, type Timing } from "./timing.js";

export interface ClusterOptions extends Timing {
  readonly client: ClusterClient;
  /** Who the cluster takes us for, for messages. */
  readonly principal: string;
}

/** A client with what it has learnt of its cluster. */
export class Cluster {
  readonly client: ClusterClient;
  readonly layout: Layout;
  readonly principal: string;
  readonly timing: Timing;

  constructor({ client, principal, clock, random }: ClusterOptions) {
    this.client = client;
    this.layout = new Layout(client);
    this.principal = principal;
    this.timing = { clock, random };
  }

  /**
   * Calls until it succeeds, up to `tries` times while what it fails with may pass.
   *
   * @throws {BusError} `transport_failed` and the like, `closed` when `signal` has fired
   */
  async persist<T>(operation: string, tries: number, call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let failures = 0; ; ) {
      if (signal?.aborted) throw new BusError("closed", `cannot ${operation}: closed`);
      try {
        return await call();
      } catch (error) {
        failures++;
        if (!mayPass(error) || failures >= tries) throw toBusError(error, { operation, principal: this.principal });
      }
      await this.wait(failures - 1, Number.POSITIVE_INFINITY, signal);
    }
  }

  /** Waits before try number `attempt` (from 0) is repeated, at most `mostMs`, less when `signal` fires. */
  wait(attempt: number, mostMs = Number.POSITIVE_INFINITY, signal?: AbortSignal): Promise<void> {
    return sleep(this.timing.clock, Math.min(mostMs, backoffMs(attempt, this.timing.random)), signal);
  }
}
