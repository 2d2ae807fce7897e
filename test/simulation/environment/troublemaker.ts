import type { Clock } from "@org/bus-core";
import type { Trouble, Weather } from "../scenario/weather.js";
import type { Chance } from "./chance.js";

/** What goes wrong with one call. */
export interface Misfortune {
  /** `before`: the cluster does nothing. `after`: it does what was asked, but its answer is lost. */
  readonly fail?: "before" | "after";
  readonly delayMs?: number;
}

/** Decides for every call whether it goes wrong, until everything is well again. */
export class Troublemaker {
  readonly #weather: Weather;
  readonly #chance: Chance;
  readonly #clock: Clock;
  readonly #startMs: number;
  #healed = false;

  constructor(weather: Weather, chance: Chance, clock: Clock) {
    this.#weather = weather;
    this.#chance = chance;
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  heal(): void {
    this.#healed = true;
  }

  of(trouble: Trouble): Misfortune | undefined {
    if (this.#healed) return undefined;
    const { fails, answerLost, late, lateMs, outages } = this.#weather;
    const atMs = this.#clock.now() - this.#startMs;
    const delay = this.#chance.happens(late) ? { delayMs: this.#chance.magnitude(1, lateMs) } : {};
    const isOut = outages.some((outage) => outage.trouble === trouble && atMs >= outage.fromMs && atMs < outage.untilMs);
    if (isOut || this.#chance.happens(fails[trouble])) return { fail: "before", ...delay };
    if (this.#chance.happens(answerLost[trouble])) return { fail: "after", ...delay };
    return "delayMs" in delay ? delay : undefined;
  }
}
