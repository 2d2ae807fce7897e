import { type ConnectorContext, type ConnectRecord, type Sink, type SinkWriter, type WriteOutcome, written } from "@org/bus-connect";
import { BusError, type Contract } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { quotedTable, tableText } from "../connection/identifier.js";
import { type ConnectionPool, openPool } from "../connection/pool.js";
import type { SinkColumn } from "./column.js";
import { columnName, contractColumns } from "./contract-columns.js";
import { type PostgresSinkInput, type ResolvedSinkOptions, sinkOptions } from "./options.js";
import { type Row, RowMaker } from "./row.js";
import { type TargetTable, writeStatements } from "./statements.js";
import { targetTable, type WantedTable } from "./target-table.js";
import { timestampText } from "./time-text.js";
import { writeRows } from "./write-rows.js";

/** What `postgresSink` takes; `T` is the message, `Init` what may be published of it. */
export interface PostgresSinkOptions<T extends object, Init extends object = T> extends Omit<PostgresSinkInput, "contract" | "columns"> {
  readonly contract: Contract<T, Init>;
  /** Columns beside those of the contract, or in place of them, by name. */
  readonly columns?: Readonly<Record<string, PostgresSinkColumn<T>>>;
}

export interface PostgresSinkColumn<T> {
  /** The type that it is created with. */
  readonly type: string;
  /** undefined and null are NULL. */
  readonly value: (message: T, record: ConnectRecord<T>) => string | number | bigint | boolean | Date | Uint8Array | null | undefined;
}

/** In insert mode, the column that tells a repeat. */
const RECORD_ID = "record_id";

/**
 * Writes messages into a table, a field a column. Upsert: the newest message of a key is its row, and a tombstone deletes it. Insert: each record is a row,
 * and one that comes again is not written again. A row that PostgreSQL refuses for its values is rejected, and its neighbours are written.
 *
 * @throws {BusError} `invalid_options`
 */
export function postgresSink<T extends object, Init extends object = T>(options: PostgresSinkOptions<T, Init>): Sink<T | undefined> {
  const resolved = resolveOptions("postgresSink", sinkOptions, options);
  const columns = sinkColumns(resolved);
  const key = resolved.key ?? defaultKey(resolved);
  const unknown = [...key, ...(resolved.newerBy === undefined ? [] : [resolved.newerBy])].filter(
    (name) => !columns.some((column) => column.name === name),
  );
  if (unknown.length > 0) {
    const names = columns.map((column) => column.name).join(", ");
    throw new BusError("invalid_options", `postgresSink: ${unknown.join(", ")} is no column of ${tableText(resolved.table)} (there are ${names})`);
  }
  const maker = new RowMaker(columns, key);
  const wanted: WantedTable = { table: resolved.table, columns, key, create: resolved.createTable, rights: rightsOf(resolved) };
  const inTable = <R>(pool: ConnectionPool, signal: AbortSignal, wantedTable: WantedTable, work: (target: TargetTable) => R): Promise<R> =>
    pool.run(`find table ${tableText(resolved.table)}`, signal, async (client) => work(await targetTable(client, wantedTable)));

  return {
    name: `postgres-${resolved.mode}`,
    contracts: [resolved.contract],
    concurrency: resolved.connection.maxConnections,
    async check(context) {
      const pool = openPool(resolved.connection, context.connector, context.logger);
      try {
        // a table that would be made at the start is not missing
        const isThere = await pool.run("be asked", context.signal, async (client) => {
          const { rows } = await client.query<{ found: boolean }>("select to_regclass($1) is not null as found", [quotedTable(resolved.table)]);
          return rows[0]?.found === true;
        });
        if (isThere || !resolved.createTable) await inTable(pool, context.signal, { ...wanted, create: false }, () => undefined);
      } finally {
        await pool.close();
      }
    },
    checkRecord: (record) => void maker.rowOf(record, 0),
    async open(context) {
      const pool = openPool(resolved.connection, context.connector, context.logger);
      try {
        const target = await inTable(pool, context.signal, wanted, (found) => found);
        return writer(pool, target, maker, resolved, context);
      } catch (error) {
        await pool.close();
        throw error;
      }
    },
  };
}

function writer<T extends object>(
  pool: ConnectionPool,
  target: TargetTable,
  maker: RowMaker<T>,
  options: ResolvedSinkOptions,
  context: ConnectorContext,
): SinkWriter<T | undefined> {
  const statements = writeStatements(target, options);
  const what = `write to ${tableText(target.table)}`;
  return {
    async write(records, { signal }) {
      const outcomes: WriteOutcome[] = records.map(() => written);
      const rows: Row[] = [];
      for (const [index, record] of records.entries()) {
        try {
          rows.push(maker.rowOf(record, index));
        } catch (error) {
          outcomes[index] = { status: "rejected", error };
        }
      }
      await pool.run(what, AbortSignal.any([signal, context.signal]), (client) => writeRows(client, statements, rows, outcomes, what));
      return outcomes;
    },
    close: () => pool.close(),
  };
}

/** `on conflict` reads the key; only of a compacted topic there are tombstones, by which rows are deleted. */
function rightsOf({ mode, contract }: ResolvedSinkOptions): readonly string[] {
  if (mode === "insert") return ["select", "insert"];
  return ["select", "insert", "update", ...(contract.topic?.cleanup.includes("compact") ? ["delete"] : [])];
}

function defaultKey({ mode, contract, table }: ResolvedSinkOptions): readonly string[] {
  if (mode === "insert") return [RECORD_ID];
  const field = contract.topic?.keyField;
  if (field === undefined || field.includes(".")) {
    const reason = field === undefined ? `${contract.typeName} has no topic with a key field` : `the key field ${field} is no column`;
    throw new BusError("invalid_options", `postgresSink: key is required for ${tableText(table)}, for ${reason}`);
  }
  return [columnName(field)];
}

function sinkColumns<T extends object>({ contract, columns, mode, key }: ResolvedSinkOptions): readonly SinkColumn<T>[] {
  const own = Object.entries(columns).map(([name, { type, value }]): SinkColumn<T> => {
    // the types of the options' schema cannot say of which message they are
    const read = value as PostgresSinkColumn<T>["value"];
    return { name, type, text: (message, record) => cellText(read(message, record)) };
  });
  const recordId: SinkColumn<T> = { name: RECORD_ID, type: "text", text: (_, record) => record.id };
  const all = [...(mode === "insert" && key === undefined ? [recordId] : []), ...contractColumns(contract), ...own];
  return [...new Map(all.map((column) => [column.name, column])).values()];
}

function cellText(value: ReturnType<PostgresSinkColumn<object>["value"]>): string | null {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return timestampText(value);
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  return String(value);
}
