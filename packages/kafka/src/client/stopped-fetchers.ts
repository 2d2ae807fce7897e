import { createRequire } from "node:module";

// The member of kafkajs's Runner that the correction touches.
interface Runner {
  readonly running: boolean;
  fetch(nodeId: string): Promise<unknown>;
}

/** Of which `fetch` has been corrected. */
const corrected = new WeakSet<object>();

/**
 * Stops an endless loop of kafkajs 2.2.4 that takes the whole process. When a connection to a broker is lost it begins its fetchers anew; when the consumer is
 * stopped meanwhile, those that begin are told by nobody. Each asks for the next fetch at once, is answered with nothing because the consumer does not run, and
 * asks again: in promises, so that no timer and no socket of the process has its turn any more. Here a consumer that does not run refuses, which ends its fetchers.
 */
export function endFetchersOfStoppedConsumers(): void {
  const RunnerClass: unknown = createRequire(import.meta.url)("kafkajs/src/consumer/runner.js");
  if (typeof RunnerClass !== "function" || corrected.has(RunnerClass)) return;
  const prototype = RunnerClass.prototype as Runner;
  const { fetch } = prototype;
  if (typeof fetch !== "function") return;
  prototype.fetch = async function (this: Runner, nodeId: string) {
    if (!this.running) throw new Error("the consumer was stopped");
    return fetch.call(this, nodeId);
  };
  corrected.add(RunnerClass);
}
