import type { Bus } from "./bus.js";
import { busInternals } from "./bus-internals.js";
import { messageOf } from "./errors.js";

/**
 * Closes the bus when the process is asked to end, and then lets the signal do what it does without us. A second signal ends at once.
 *
 * @param signals @default SIGTERM and SIGINT
 * @returns what takes it back
 */
export function closeOnSignal(bus: Bus, signals: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"]): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    stop();
    const end = () => process.kill(process.pid, signal);
    const failed = (error: unknown) => busInternals(bus).logger.error({ error: messageOf(error) }, "the bus did not close cleanly");
    void bus.close().catch(failed).then(end);
  };
  const stop = () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return stop;
}
