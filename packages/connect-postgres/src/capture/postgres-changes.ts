import type { Source, SourceBatch, SourceContext } from "@org/bus-connect";
import { resolveOptions } from "@org/bus-core/internal";
import type { z } from "zod";
import { type ConnectionPool, openPool } from "../connection/pool.js";
import { openChanges } from "../replication/open-changes.js";
import { checkSlot, type SlotSetup } from "../replication/slot.js";
import { Capture } from "./capture.js";
import { capturedTable } from "./captured-table.js";
import type { RowChange } from "./change.js";
import { captureOptions } from "./options.js";
import { captureOf } from "./position.js";
import { valueParsers } from "./value-parsers.js";

export type PostgresChangesOptions = z.input<typeof captureOptions>;

/** Batches of changes that may wait while the sink is busy. */
const WAITING_BATCHES = 4;

/**
 * Changes of tables, from the log of the server: first the rows that are there, in chunks by primary key, then every change in the order of the commits.
 * While rows are read the changes go on, and of a row that has changed meanwhile only the change is given: so no row is missing, and none goes back to an
 * older state. Neither reading locks anything.
 *
 * @throws {BusError} `invalid_options`
 */
export function postgresChanges(options: PostgresChangesOptions): Source<RowChange> {
  const resolved = resolveOptions("postgresChanges", captureOptions, options);
  const { connection, tables, slot, publication = slot, create, maxBatch, heartbeatMs } = resolved;
  const setup: SlotSetup = { slot, publication, tables, operations: "insert, update, delete, truncate", create };
  const withPool = async <R>(context: Pick<SourceContext, "connector" | "logger">, work: (pool: ConnectionPool) => Promise<R>): Promise<R> => {
    const pool = openPool({ ...connection, maxConnections: 1 }, context.connector, context.logger);
    return work(pool).finally(() => pool.close());
  };

  async function* read(context: SourceContext): AsyncGenerator<SourceBatch<RowChange>> {
    const { position, connector, signal, logger, clock, readOnly = false } = context;
    const stored = position === undefined ? undefined : captureOf(position);
    const pool = openPool({ ...connection, maxConnections: 1 }, connector, logger);
    try {
      const found = await pool.run("look at the tables", signal, async (client) => ({
        parsers: await valueParsers(client),
        tables: await Promise.all(tables.map((table) => capturedTable(client, table))),
      }));
      const stream = await openChanges({
        connection,
        setup: { ...setup, create: create && !readOnly },
        stored: stored?.place,
        connector,
        signal,
        logger,
        clock,
        maxWaiting: maxBatch * WAITING_BATCHES,
        heartbeatMs,
        // a change has its values as text until its table is known
        parser: () => (text) => text,
      });
      try {
        yield* new Capture({ ...found, options: resolved, stream, pool, context, stored }).batches();
      } finally {
        stream.close();
      }
    } finally {
      await pool.close();
    }
  }

  return {
    name: "postgres-changes",
    replayable: true,
    check: (context) =>
      withPool(context, (pool) =>
        pool.run(`be asked for slot ${slot}`, context.signal, async (client) => {
          await checkSlot(client, setup);
          for (const table of tables) await capturedTable(client, table);
        }),
      ),
    read,
  };
}
