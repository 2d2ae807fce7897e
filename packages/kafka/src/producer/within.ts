import type { Clock } from "@org/bus-core";
import { SendExpired } from "./failure.js";

/** What `answered` resolves to. @throws {SendExpired} when that takes longer */
export async function within<T>(timeoutMs: number, answered: Promise<T>, clock: Clock): Promise<T> {
  let cancel: (() => void) | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    cancel = clock.schedule(timeoutMs, () => reject(new SendExpired("no answer in time")));
  });
  try {
    return await Promise.race([answered, timedOut]);
  } finally {
    cancel?.();
    // after a timeout nobody else looks at it
    answered.catch(() => {});
  }
}
