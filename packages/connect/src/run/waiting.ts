import type { Clock, Logger } from "@org/bus-core";

/** What a connector waits for, and since when, in ms since the epoch. */
export interface WaitingFor {
  readonly what: string;
  readonly since: number;
}

/** Keeps in view what is waited for that may never come, and says so when it takes too long. */
export class Waiting {
  current: WaitingFor | undefined;

  constructor(private readonly input: { readonly clock: Clock; readonly logger: Logger; readonly stallAfterMs: number }) {}

  async for<T>(what: string, work: Promise<T>): Promise<T> {
    const { clock, logger, stallAfterMs } = this.input;
    const waitingFor = { what, since: clock.now() };
    this.current = waitingFor;
    const cancel = clock.schedule(stallAfterMs, () => logger.warn({ ...waitingFor, stallAfterMs }, `the connector is stalled: it waits for ${what}`));
    try {
      return await work;
    } finally {
      cancel();
      this.current = undefined;
    }
  }
}
