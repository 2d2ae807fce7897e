import type { Clock, Logger } from "@org/bus-core";
import type { Broker } from "@platformatic/kafka";

/** While a broker is down, each connection tries it several times a second, and says so each time. */
const LINE_EVERY_MS = 10_000;

/** Trouble with connections, as warnings: one per address of a broker in 10 s; the next one says with `suppressed` how many were left out. */
export class ConnectionLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #lastOf = new Map<string, { readonly at: number; suppressed: number }>();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  trouble({ host, port }: Broker, error: Error): void {
    const [broker, at] = [`${host}:${port}`, this.#clock.now()];
    const last = this.#lastOf.get(broker);
    if (last !== undefined && at - last.at < LINE_EVERY_MS) {
      last.suppressed++;
      return;
    }
    this.#lastOf.set(broker, { at, suppressed: 0 });
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    const fields = { broker, error: cause };
    this.#logger.warn(last === undefined || last.suppressed === 0 ? fields : { ...fields, suppressed: last.suppressed }, "no connection to a broker");
  }
}
