import { BusError } from "@org/bus-core";
import type { Pgoutput } from "pg-logical-replication";
import type { StreamedChange } from "../replication/change-stream.js";
import type { CapturedTable } from "./captured-table.js";
import type { RowChange } from "./change.js";
import { keyText } from "./key-text.js";
import { columnsOf, rowOf, type TextRow } from "./text-row.js";
import type { ValueParsers } from "./value-parsers.js";

/** A change with what a snapshot and a record need of it. */
export interface KeyedChange {
  readonly change: RowChange;
  readonly table: CapturedTable;
  /** Of the row. */
  readonly key: string;
}

/**
 * The changes of rows that a message of the log is: two where an update changes the primary key, none for a truncation.
 *
 * @throws {BusError} `unsupported` when a table was truncated, or its primary key is no longer the one that it was
 */
export function rowChanges({ message }: StreamedChange, tables: ReadonlyMap<string, CapturedTable>, parsers: ValueParsers): readonly KeyedChange[] {
  if (message.tag === "truncate") return [];
  const { relation } = message;
  const table = tables.get(`${relation.schema}.${relation.name}`);
  // of a table that the publication has and this source was not asked for
  if (table === undefined) return [];
  const make = (op: RowChange["op"], key: TextRow, before: TextRow | null, after: TextRow | null): KeyedChange => {
    const columns = columnsOf(relation);
    return {
      table,
      key: keyText(keyValues(table, key)),
      change: {
        op,
        schema: relation.schema,
        table: relation.name,
        key: rowOf(
          key,
          columns.filter(({ name }) => table.key.some((part) => part.name === name)),
          parsers,
        ),
        before: before === null ? undefined : rowOf(before, columns, parsers),
        after: after === null ? undefined : rowOf(after, columns, parsers),
        unchanged: after === null ? [] : columns.filter(({ name }) => after[name] === undefined).map(({ name }) => name),
      },
    };
  };
  switch (message.tag) {
    case "insert":
      return [make("insert", message.new, null, message.new)];
    case "delete": {
      const before = oldRow(message);
      return [make("delete", before, message.old, null)];
    }
    case "update": {
      const before = oldRow(message);
      if (before === undefined || keyText(keyValues(table, before)) === keyText(keyValues(table, message.new))) {
        return [make("update", message.new, message.old, message.new)];
      }
      return [make("delete", before, message.old, null), make("insert", message.new, null, message.new)];
    }
  }
}

/** The key or the whole row as it was; undefined where neither was told, because the key did not change. */
function oldRow(message: Pgoutput.MessageDelete): TextRow;
function oldRow(message: Pgoutput.MessageUpdate): TextRow | undefined;
function oldRow({ key, old }: Pgoutput.MessageDelete | Pgoutput.MessageUpdate): TextRow | undefined {
  return (old ?? key ?? undefined) as TextRow | undefined;
}

function keyValues(table: CapturedTable, row: TextRow): string[] {
  return table.key.map(({ name }) => {
    const value = row[name];
    if (typeof value === "string") return value;
    throw new BusError("unsupported", `a change of table ${table.name} has no ${name}, which was of its primary key at the start: start again`);
  });
}
