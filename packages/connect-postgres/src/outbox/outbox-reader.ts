import { BusError } from "@org/bus-core";
import pg, { type ClientBase } from "pg";
import { clientConfig } from "../connection/client-config.js";
import { databaseError } from "../connection/database-error.js";
import { quoted, quotedTable, type TableName, tableText } from "../connection/identifier.js";
import type { ResolvedConnectionOptions } from "../connection/options.js";
import type { OutboxRow } from "./read-row.js";
import { wakeChannel } from "./table.js";

export interface OutboxReaderOptions {
  readonly connection: ResolvedConnectionOptions;
  readonly table: TableName;
  readonly done: "delete" | "mark";
  readonly owner: string;
  readonly split: { readonly index: number; readonly of: number };
  readonly signal: AbortSignal;
  /** Takes nothing from other readers. */
  readonly readOnly?: boolean;
}

export interface SequencedRow extends OutboxRow {
  readonly sequence: string;
}

/** Aggregates hash into so many buckets. A split has several of them, and a lock on each: so readers exclude each other also while the number of splits changes. */
const BUCKETS = 64;

const LOCK_RETRY_MS = 250;

/** The unpublished rows of one split, on one connection. While it is open, no other reader has any of its aggregates. */
export class OutboxReader {
  readonly #options: OutboxReaderOptions;
  readonly #client: pg.Client;
  readonly #select: string;
  readonly #finish: string;
  /** Read, and not yet deleted or marked. In the order of reading. */
  readonly #unfinished = new Set<string>();
  #notified = false;
  #failure: BusError | undefined;
  #wake = () => {};

  private constructor(options: OutboxReaderOptions) {
    const { connection, owner, table, done, split } = options;
    this.#options = options;
    this.#client = new pg.Client({ ...clientConfig(connection, owner), types: { getTypeParser: () => String } });
    const name = quotedTable(table);
    // what is visible and not at work, in the order of writing: also a row that was written before those at work, and committed after them
    this.#select = `select sequence, id, aggregateid, type, payload, headers, tracingspancontext from ${name}
      where published_at is null and sequence <> all ($1::bigint[]) and (hashtextextended(aggregateid, 0) & ${BUCKETS - 1}) % ${split.of} = ${split.index}
      order by sequence limit $2`;
    const rows = "where sequence = any ($1::bigint[]) and published_at is null";
    this.#finish = done === "delete" ? `delete from ${name} ${rows}` : `update ${name} set published_at = now() ${rows}`;
  }

  /** Waits until no other reader has an aggregate of the split. */
  static async open(options: OutboxReaderOptions): Promise<OutboxReader> {
    options.signal.throwIfAborted();
    const reader = new OutboxReader(options);
    try {
      await reader.#start();
      return reader;
    } catch (error) {
      const reason = reader.#failure ?? databaseError(error, `read ${tableText(options.table)}`);
      await reader.close();
      throw reason;
    }
  }

  /** The next rows; waits until there are some. */
  async next(max: number, pollMs: number): Promise<readonly SequencedRow[]> {
    for (;;) {
      this.#notified = false;
      const { rows } = await this.#query<SequencedRow>(this.#select, [numbersLiteral(this.#unfinished), max]);
      for (const { sequence } of rows) this.#unfinished.add(sequence);
      if (rows.length > 0) return rows;
      await this.#pause(pollMs);
    }
  }

  /** Those that were read and are still in the table, for the position: a reader after this one must not publish them again. */
  unfinished(): string[] {
    return [...this.#unfinished];
  }

  /** They are not read. */
  leaveOut(sequences: readonly string[]): void {
    for (const sequence of sequences) this.#unfinished.add(sequence);
  }

  /** They are published: deletes or marks them. */
  async finish(sequences: readonly string[]): Promise<void> {
    await this.#query(this.#finish, [numbersLiteral(sequences)]);
    for (const sequence of sequences) this.#unfinished.delete(sequence);
  }

  async close(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#failure ??= new BusError("closed", "the reader of the outbox was closed before");
    this.#wake();
    await this.#client.end().catch(() => {});
  }

  async #start(): Promise<void> {
    const { signal, table, split } = this.#options;
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#client.on("error", (error) => this.#fail(databaseError(error, `read ${tableText(table)}`)));
    this.#client.on("notification", () => {
      this.#notified = true;
      this.#wake();
    });
    await this.#client.connect();
    await checkOutbox(this.#client, table);
    const buckets = Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter((bucket) => bucket % split.of === split.index);
    while (this.#options.readOnly !== true && !(await this.#lock(buckets))) await this.#pause(LOCK_RETRY_MS);
    await this.#query(`listen ${quoted(wakeChannel(table))}`, []);
  }

  /** All of them or none. */
  async #lock(buckets: readonly number[]): Promise<boolean> {
    const key = [quotedTable(this.#options.table), buckets];
    const { rows } = await this.#query<{ locked: string }>(
      "select bucket, pg_try_advisory_lock(to_regclass($1)::oid::int4, bucket) as locked from unnest($2::int4[]) as bucket",
      key,
    );
    if (rows.every(({ locked }) => locked === "t")) return true;
    await this.#query("select pg_advisory_unlock_all()", []);
    return false;
  }

  async #query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<pg.QueryResult<Row>> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await this.#client.query<Row>(text, [...values]);
    } catch (error) {
      throw this.#failure ?? databaseError(error, `read ${tableText(this.#options.table)}`);
    }
  }

  /** Until a row may have come, or `timeoutMs` have passed. */
  async #pause(timeoutMs: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#notified) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
    if (this.#failure !== undefined) throw this.#failure;
  }

  readonly #onAbort = (): void => {
    this.#fail(new BusError("aborted", "reading the outbox was ended"));
    // also where the server does not answer
    void this.close();
  };

  #fail(error: BusError): void {
    this.#failure ??= error;
    this.#wake();
  }
}

/** An array as PostgreSQL reads it from text. pg would look for what is to be escaped in each, and they are thousands at every look. */
const numbersLiteral = (numbers: Iterable<string>): string => `{${[...numbers].join(",")}}`;

/** @throws {BusError} `invalid_options` when the table cannot be read by polling */
export async function checkOutbox(client: ClientBase, table: TableName): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "select attname as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped",
    [quotedTable(table)],
  );
  const missing = ["id", "aggregateid", "type", "payload", "headers", "tracingspancontext", "sequence", "published_at"].filter(
    (column) => !rows.some(({ name }) => name === column),
  );
  if (missing.length === 0) return;
  const remedy = "outboxTableSql({ polling: true }) is the SQL that makes it";
  throw new BusError(
    "invalid_options",
    rows.length === 0 ? `there is no table ${tableText(table)}: ${remedy}` : `table ${tableText(table)} lacks ${missing.join(", ")}: ${remedy}`,
  );
}
