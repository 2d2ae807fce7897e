import type { Source, SourceBatch, SourceContext } from "@org/bus-connect";
import type { AnyContract, DeliveredOf } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import type { Pgoutput } from "pg-logical-replication";
import type { z } from "zod";
import { openPool } from "../connection/pool.js";
import { openChanges } from "../replication/open-changes.js";
import { placeOf, storedPlace } from "../replication/place.js";
import { checkSlot, type SlotSetup } from "../replication/slot.js";
import { splitReadable } from "./batch.js";
import { replicatedOutboxOptions } from "./options.js";
import { type OutboxRow, rowReader } from "./read-row.js";

export interface PostgresOutboxOptions<C extends AnyContract = AnyContract> extends Omit<z.input<typeof replicatedOutboxOptions>, "contracts"> {
  /** The messages that may be in the outbox; `type` says by its name which one a row is. */
  readonly contracts: readonly C[];
}

/** Batches of changes that may wait while the sink is busy. */
const WAITING_BATCHES = 4;

/**
 * Events of an outbox table, by logical replication: each as soon as its transaction has committed, in the order of the commits. Rows may be deleted in the
 * transaction that writes them. The server keeps its log until the position is stored elsewhere, so nothing is lost and, from Kafka on, nothing is repeated.
 *
 * @throws {BusError} `invalid_options`
 */
export function postgresOutbox<C extends AnyContract>(options: PostgresOutboxOptions<C>): Source<DeliveredOf<C>> {
  const resolved = resolveOptions("postgresOutbox", replicatedOutboxOptions, options);
  const { connection, table, slot, publication = slot, create, maxBatch, heartbeatMs } = resolved;
  const setup: SlotSetup = { slot, publication, tables: [table], operations: "insert", create };
  const toRecord = rowReader<C>(resolved);

  async function* read(context: SourceContext): AsyncGenerator<SourceBatch<DeliveredOf<C>>> {
    const { position, connector, signal, logger, clock, readOnly = false } = context;
    const stored = position === undefined ? undefined : placeOf(position);
    const maxWaiting = maxBatch * WAITING_BATCHES;
    const stream = await openChanges({
      connection,
      setup: { ...setup, create: create && !readOnly },
      stored,
      connector,
      signal,
      logger,
      clock,
      maxWaiting,
      heartbeatMs,
      parser: () => asText,
    });
    try {
      for (;;) {
        const { changes, place } = await stream.next(maxBatch);
        const rows = changes.flatMap(({ message, committedAt }) => (message.tag === "insert" ? [toRecord(outboxRow(message), committedAt)] : []));
        yield { ...splitReadable(rows), position: storedPlace(place), acknowledge: () => stream.confirm(place) };
      }
    } finally {
      stream.close();
    }
  }

  return {
    name: "postgres-outbox",
    contracts: resolved.contracts,
    replayable: true,
    async check({ connector, signal, logger }) {
      const pool = openPool(connection, connector, logger);
      try {
        await pool.run(`be asked for slot ${slot}`, signal, (client) => checkSlot(client, setup));
      } finally {
        await pool.close();
      }
    },
    read,
  };
}

const asText = (text: string): string => text;

/** Columns have the names of Debezium; those that a table lacks are undefined. The library cannot know them: to it a row is any object. */
const outboxRow = (message: Pgoutput.MessageInsert): OutboxRow => message.new as unknown as OutboxRow;
