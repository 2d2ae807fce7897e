import { literal, quoted, quotedTable, type TableName, tableOption, tableText } from "../connection/identifier.js";

/** How the outbox will be read. */
export interface OutboxTableOptions {
  /** @default "outbox" */
  readonly table?: string | TableName;
  /** Whether it is to be read by polling: then rows have a sequence, a mark for those that are kept, and a trigger that wakes the reader. @default false */
  readonly polling?: boolean;
}

/**
 * The SQL that makes an outbox table, to put into a migration: the columns of Debezium's outbox, so that either reads what was written for the other.
 * `payload` holds the bytes of the message; one of type `jsonb` or `text` is read as JSON.
 */
export function outboxTableSql({ table = "outbox", polling = false }: OutboxTableOptions = {}): string {
  const target = tableOption.parse(table);
  const name = quotedTable(target);
  const columns = [
    "id uuid primary key",
    "aggregatetype text not null",
    "aggregateid text not null",
    "type text not null",
    "payload bytea",
    "headers jsonb",
    "tracingspancontext text",
    ...(polling ? ["sequence bigint generated always as identity", "published_at timestamptz"] : []),
  ];
  const statements = [`create table if not exists ${name} (\n  ${columns.join(",\n  ")}\n)`];
  if (polling) {
    const wake = `${quoted(target.schema)}.${quoted(`${target.name}_wake`)}`;
    statements.push(
      `create unique index if not exists ${quoted(`${target.name}_unpublished`)} on ${name} (sequence) where published_at is null`,
      `create or replace function ${wake}() returns trigger language plpgsql as $$ begin perform pg_notify(${literal(wakeChannel(target))}, ''); return null; end $$`,
      `create or replace trigger ${quoted(`${target.name}_wake`)} after insert on ${name} for each statement execute function ${wake}()`,
    );
  }
  return `${statements.join(";\n")};\n`;
}

/** What the trigger notifies and the reader listens to. A name may have 63 bytes. */
export const wakeChannel = (table: TableName): string => `outbox_${tableText(table)}`.slice(0, 63);
