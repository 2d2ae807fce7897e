import type { Logger } from "@org/bus-core";
import { failureText } from "./failure-text.js";

/** How often it is logged at most, of spans and of metrics each. */
const logEveryMs = 60_000;

interface Exporter<Items> {
  export(items: Items, done: (result: { readonly code: number; readonly error?: Error }) => void): void;
}

/** Tells of what could not be exported, which the SDK keeps to itself until it is shut down: a collector that is not there would not be missed. */
export class ExportFailures {
  #isStopped = false;

  constructor(private readonly logger: Logger) {}

  /** From now on it is told when `exporter` fails. */
  watch<Items>(what: "spans" | "metrics", exporter: Exporter<Items>): void {
    const send = exporter.export.bind(exporter);
    let failures = 0;
    let loggedAt = Number.NEGATIVE_INFINITY;
    exporter.export = (items, done) =>
      send(items, (result) => {
        if (result.code !== 0) {
          failures++;
          const now = performance.now();
          if (!this.#isStopped && now - loggedAt >= logEveryMs) {
            loggedAt = now;
            this.logger.warn({ error: failureText(result.error), failures }, `${what} could not be exported and are lost (logged once a minute)`);
          }
        }
        done(result);
      });
  }

  /** The last export is told of by whoever shuts the SDK down. */
  stop(): void {
    this.#isStopped = true;
  }
}
