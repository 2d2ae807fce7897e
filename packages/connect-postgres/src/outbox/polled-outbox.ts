import type { Source, SourceBatch, SourceContext } from "@org/bus-connect";
import type { AnyContract, DeliveredOf } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import type { z } from "zod";
import { openPool } from "../connection/pool.js";
import { splitReadable } from "./batch.js";
import { polledOutboxOptions } from "./options.js";
import { checkOutbox, OutboxReader } from "./outbox-reader.js";
import { rowReader } from "./read-row.js";

export interface PostgresOutboxPollingOptions<C extends AnyContract = AnyContract> extends Omit<z.input<typeof polledOutboxOptions>, "contracts"> {
  /** The messages that may be in the outbox; `type` says by its name which one a row is. */
  readonly contracts: readonly C[];
}

/**
 * Events of an outbox table, by looking at it, where logical replication is not allowed. A notification of the table's trigger wakes the reader. Each reader
 * has the aggregates of its split to itself, so events of one aggregate are published in the order in which they were written.
 *
 * @throws {BusError} `invalid_options`
 */
export function postgresOutboxPolling<C extends AnyContract>(options: PostgresOutboxPollingOptions<C>): Source<DeliveredOf<C>> {
  const resolved = resolveOptions("postgresOutboxPolling", polledOutboxOptions, options);
  const { connection, table, splits, maxBatch, pollMs } = resolved;
  const toRecord = rowReader<C>(resolved);

  async function* read(context: SourceContext): AsyncGenerator<SourceBatch<DeliveredOf<C>>> {
    const { connector, signal, position, split, readOnly = false } = context;
    const index = Number(split.id.split("/")[0]);
    const reader = await OutboxReader.open({ ...resolved, owner: connector, split: { index, of: splits }, signal, readOnly });
    try {
      const published = sequencesIn(position);
      // written to the sink, and not yet deleted, when a reader before this one ended
      if (readOnly) reader.leaveOut(published);
      else if (published.length > 0) await reader.finish(published);
      for (;;) {
        const rows = await reader.next(maxBatch, pollMs);
        const sequences = rows.map((row) => row.sequence);
        yield {
          ...splitReadable(rows.map((row) => toRecord(row, undefined))),
          position: { published: reader.unfinished() },
          acknowledge: () => reader.finish(sequences),
        };
      }
    } finally {
      await reader.close();
    }
  }

  return {
    name: "postgres-outbox-polling",
    contracts: resolved.contracts,
    replayable: true,
    splits: async () => Array.from({ length: splits }, (_, index) => ({ id: `${index}/${splits}` })),
    async check({ connector, signal, logger }) {
      const pool = openPool(connection, connector, logger);
      try {
        await pool.run("look at the outbox", signal, (client) => checkOutbox(client, table));
      } finally {
        await pool.close();
      }
    },
    read,
  };
}

/** Of the rows that the position says are published, in case they are still there. */
function sequencesIn(position: SourceContext["position"]): readonly string[] {
  const { published } = Object(position ?? {}) as { readonly published?: unknown };
  return Array.isArray(published) ? published.map(String) : [];
}
