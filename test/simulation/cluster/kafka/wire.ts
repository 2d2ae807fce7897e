import type { Clock } from "@org/bus-core";
import type { Chance } from "../../environment/chance.js";
import type { Troublemaker } from "../../environment/troublemaker.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Trouble } from "../../scenario/weather.js";

/** The connection was closed, from whatever side; a request on it has no answer. */
export class ConnectionLost extends Error {}

/** What one process sends to the cluster and gets back, until it crashes. */
export class Wire {
  #isCut = false;

  constructor(
    private readonly clock: Clock,
    private readonly chance: Chance,
    private readonly troublemaker: Troublemaker,
    private readonly latencyMs: Scenario["latencyMs"],
  ) {}

  /** The process is gone: nothing arrives any more in either direction, and nobody is told. */
  cut(): void {
    this.#isCut = true;
  }

  /**
   * A request and its answer; the connection may be lost before or after the cluster acts.
   *
   * @param isOpen whether the connection on which it was sent is the same one still
   */
  async request<T>(trouble: Trouble, isOpen: () => boolean, act: () => T | Promise<T>): Promise<T> {
    const misfortune = this.troublemaker.of(trouble);
    await this.travel(misfortune?.delayMs);
    if (misfortune?.fail === "before" || !isOpen()) throw new ConnectionLost();
    const outcome = await attempt(act);
    await this.travel();
    if (misfortune?.fail === "after" || !isOpen()) throw new ConnectionLost();
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  /** Resolves after one way through the network; never after a crash. */
  travel(extraMs = 0): Promise<void> {
    return new Promise((resolve) => {
      this.clock.schedule(this.chance.between(this.latencyMs.min, this.latencyMs.max) + extraMs, () => {
        if (!this.#isCut) resolve();
      });
    });
  }
}

async function attempt<T>(
  act: () => T | Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }> {
  try {
    return { ok: true, value: await act() };
  } catch (error) {
    return { ok: false, error };
  }
}
