import type { PoolClient } from "pg";
import { quoted, quotedTable } from "../connection/identifier.js";
import { parseLsn } from "../replication/lsn.js";
import type { CapturedTable } from "./captured-table.js";
import type { ReadColumn, TextRow } from "./text-row.js";
import { Visibility } from "./visibility.js";

/** Rows of a table in the order of their primary key, as one snapshot sees them. */
export interface Chunk {
  readonly rows: readonly TextRow[];
  readonly columns: readonly ReadColumn[];
  /** Whether the table has no rows behind them. */
  readonly isLast: boolean;
  readonly visibility: Visibility;
  /** All transactions that the snapshot sees have committed before this place of the log. */
  readonly watermark: bigint;
}

/** @param after values of the key of the row before the first */
export async function readChunk(client: PoolClient, table: CapturedTable, after: readonly string[] | undefined, size: number): Promise<Chunk> {
  const names = table.key.map(({ name }) => quoted(name)).join(", ");
  const values = table.key.map(({ type }, index) => `$${index + 1}::${type}`).join(", ");
  const where = after === undefined ? "" : `where (${names}) > (${values})`;
  await client.query("begin transaction isolation level repeatable read read only");
  const { rows: snapshots } = await client.query<{ snapshot: string }>("select pg_current_snapshot()::text as snapshot");
  const { rows, fields } = await client.query<TextRow>({
    text: `select * from ${quotedTable(table.table)} ${where} order by ${names} limit ${size}`,
    values: [...(after ?? [])],
    types: { getTypeParser: () => String },
  });
  await client.query("commit");
  // a transaction of its own, for the log to be written up to here
  const { rows: marks } = await client.query<{ lsn: string }>("select pg_logical_emit_message(true, 'bus', '')::text as lsn");
  return {
    rows,
    columns: fields.map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID })),
    isLast: rows.length < size,
    visibility: new Visibility(snapshots[0]?.snapshot ?? ""),
    watermark: parseLsn(marks[0]?.lsn ?? "0/0"),
  };
}
