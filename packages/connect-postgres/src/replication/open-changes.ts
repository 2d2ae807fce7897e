import { BusError, type Clock, type Logger } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { ResolvedConnectionOptions } from "../connection/options.js";
import { openPool } from "../connection/pool.js";
import { ChangeStream, type ChangeStreamOptions } from "./change-stream.js";
import type { Place } from "./place.js";
import { prepareSlot, type SlotSetup } from "./slot.js";

export interface OpenChangesOptions extends Pick<ChangeStreamOptions, "parser" | "maxWaiting" | "heartbeatMs"> {
  readonly connection: ResolvedConnectionOptions;
  readonly setup: SlotSetup;
  readonly stored: Place | undefined;
  readonly connector: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The server notices only after a moment that a reader was killed. */
const HANDOVER_MS = 10_000;
const HANDOVER_RETRY_MS = 100;

/** The changes of a slot that come behind `stored`. */
export async function openChanges(options: OpenChangesOptions): Promise<ChangeStream> {
  const { connection, setup, stored, connector, signal, logger, clock, parser, maxWaiting, heartbeatMs } = options;
  const pool = openPool({ ...connection, maxConnections: 1 }, connector, logger);
  try {
    const from = await pool.run(`prepare slot ${setup.slot}`, signal, (client) => prepareSlot(client, setup, stored));
    const giveUpAt = clock.now() + HANDOVER_MS;
    for (;;) {
      try {
        const { slot, publication } = setup;
        return await ChangeStream.open({ connection, owner: connector, slot, publication, from, parser, maxWaiting, heartbeatMs, signal });
      } catch (error) {
        const isTaken = error instanceof BusError && error.details.sqlState === "55006";
        if (!isTaken || clock.now() > giveUpAt) throw error;
        await sleep(clock, HANDOVER_RETRY_MS, signal);
      }
    }
  } finally {
    await pool.close();
  }
}
