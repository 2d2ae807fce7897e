import { BusError, type Clock, type Delivery } from "@org/bus-core";
import type { Chance } from "../environment/chance.js";
import type { Job } from "../messages.js";
import type { HandlerMix } from "./scenario.js";

/** Whether everything is well again: then nothing is stuck and nothing fails that a further try could mend. */
export interface Healing {
  readonly healed: boolean;
  /** Calls back when it is. */
  onHealed(callback: () => void): void;
}

/** What the handlers of one process do: quick or slow, well or not, as chance has it. */
export class Handlers {
  readonly #mix: HandlerMix;
  readonly #chance: Chance;
  readonly #clock: Clock;
  readonly #healing: Healing;

  constructor(mix: HandlerMix, chance: Chance, clock: Clock, healing: Healing) {
    this.#mix = mix;
    this.#chance = chance;
    this.#clock = clock;
    this.#healing = healing;
  }

  /** Works on one job. */
  readonly work = (job: Job, delivery: Pick<Delivery<unknown>, "signal">): void | Promise<void> => {
    const fault = this.fault(job);
    if (this.#chance.happens(this.#mix.sync)) {
      if (fault !== undefined) throw fault;
      return undefined;
    }
    return this.#workLong(delivery.signal, fault);
  };

  /** What a try of this job fails with. */
  fault({ number }: Job): Error | undefined {
    // the same in every process
    if (isPoison(number, this.#mix.poison)) return new Error(`job ${number} is poison`);
    if (this.#healing.healed || !this.#chance.happens(this.#mix.fails)) return undefined;
    return this.#chance.happens(0.1) ? new BusError("handler_failed", "no further try makes sense") : new Error("no luck");
  }

  async #workLong(signal: AbortSignal, fault: Error | undefined): Promise<void> {
    const { slow, stuck, heedsSignal, typicalMs } = this.#mix;
    const aborted = this.#chance.happens(heedsSignal) ? abortedBy(signal) : undefined;
    const waits: Promise<void>[] = aborted === undefined ? [] : [aborted];
    if (!this.#healing.healed && this.#chance.happens(stuck)) {
      const whenHealed = new Promise<void>((resolve) => this.#healing.onHealed(resolve));
      // with nothing else to end it, until everything is well again
      waits.push(whenHealed);
      await Promise.race(waits);
    } else if (this.#chance.happens(slow)) await Promise.race([...waits, this.#wait(this.#chance.magnitude(500, 10_000))]);
    else if (this.#chance.happens(0.2)) await Promise.resolve();
    else await Promise.race([...waits, this.#wait(typicalMs * this.#chance.magnitude(0.2, 5))]);
    if (fault !== undefined) throw fault;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.schedule(ms, resolve);
    });
  }
}

function abortedBy(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(new Error("its signal has fired"));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  // it may fire when nobody waits any more
  aborted.catch(() => {});
  return aborted;
}

/** Spreads numbers evenly, and always in the same way. */
function isPoison(number: number, share: number): boolean {
  return (number * 0.618034) % 1 < share;
}
