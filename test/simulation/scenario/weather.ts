import type { Chance } from "../environment/chance.js";

/** What can go wrong with a call to the cluster. */
export type Trouble = "send" | "deadLetter" | "commit" | "transaction" | "fetch" | "admin" | "connect";

export interface Outage {
  readonly trouble: Trouble;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Weather {
  /** How often such a call fails before the cluster has acted. */
  readonly fails: Readonly<Record<Trouble, number>>;
  /** How often it succeeds, and the answer is lost. */
  readonly answerLost: Readonly<Record<Trouble, number>>;
  /** How often a call is late, and by how much at most. */
  readonly late: number;
  readonly lateMs: number;
  /** When every such call fails. */
  readonly outages: readonly Outage[];
}

const troubles: readonly Trouble[] = ["send", "deadLetter", "commit", "transaction", "fetch", "admin", "connect"];

export function drawWeather(chance: Chance, lengthMs: number, calm: boolean): Weather {
  const rate = () => (!calm && chance.happens(0.4) ? chance.magnitude(0.01, 0.4) : 0);
  const rates = () => Object.fromEntries(troubles.map((trouble) => [trouble, rate()])) as Record<Trouble, number>;
  const outages = calm ? 0 : chance.integer(0, 3);
  return {
    fails: rates(),
    answerLost: rates(),
    late: rate(),
    lateMs: chance.magnitude(10, 3_000),
    outages: Array.from({ length: outages }, () => {
      const fromMs = chance.between(0, lengthMs);
      return { trouble: chance.pick(troubles), fromMs, untilMs: fromMs + chance.magnitude(50, lengthMs / 2) };
    }),
  };
}
