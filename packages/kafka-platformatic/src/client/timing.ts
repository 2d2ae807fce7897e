import type { Clock } from "@org/bus-core";
import { ConnectionFault } from "./faults.js";

/** Where time and chance come from. */
export interface Timing {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
}

const FIRST_MS = 50;
const MOST_MS = 5_000;

/** How long to wait before try number `attempt` (from 0) is repeated: doubling, with jitter so that clients do not come back together. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** attempt) * (0.5 + random() / 2);
}

/** What `answered` comes to, or a fault when that takes longer: then nobody knows what becomes of the request. */
export async function within<T>(clock: Clock, timeoutMs: number, answered: Promise<T>): Promise<T> {
  let cancel: (() => void) | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    cancel = clock.schedule(timeoutMs, () => reject(new ConnectionFault("no answer in time", { sent: true })));
  });
  try {
    return await Promise.race([answered, timedOut]);
  } finally {
    cancel?.();
    // after a timeout nobody else looks at it
    answered.catch(() => {});
  }
}
