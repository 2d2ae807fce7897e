import { type ConnectRecord, connectRecord, type SourceBatch, type SourceContext } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { Pgoutput } from "pg-logical-replication";
import type { z } from "zod";
import { quotedTable } from "../connection/identifier.js";
import type { ConnectionPool } from "../connection/pool.js";
import type { ChangeStream, StreamedChange } from "../replication/change-stream.js";
import { lsnText } from "../replication/lsn.js";
import type { Place } from "../replication/place.js";
import type { CapturedTable } from "./captured-table.js";
import type { RowChange } from "./change.js";
import { keyText } from "./key-text.js";
import type { captureOptions } from "./options.js";
import { type CapturePlace, type ChunkPlace, storedCapture } from "./position.js";
import { type Chunk, readChunk } from "./read-chunk.js";
import { type KeyedChange, rowChanges } from "./row-changes.js";
import { rowOf, type TextRow } from "./text-row.js";
import type { ValueParsers } from "./value-parsers.js";

export interface CaptureInput {
  readonly options: z.output<typeof captureOptions>;
  readonly tables: readonly CapturedTable[];
  readonly parsers: ValueParsers;
  readonly stream: ChangeStream;
  readonly pool: ConnectionPool;
  readonly context: SourceContext;
  readonly stored: CapturePlace | undefined;
}

type Batch = SourceBatch<RowChange>;
type RecordedChange = KeyedChange & { readonly record: ConnectRecord<RowChange> };

const UNSEEN_RETRY_MS = 10;

/**
 * Rows that are there and changes of them, without a gap between them.
 *
 * Of each chunk of rows it is known which transactions its snapshot sees, and a place in the log behind all of them. The changes up to that place are given
 * first, and of the chunk only those rows that none of these changes is about: the others have changed since, or will be given as the change says. Two things
 * follow. A row is given as its snapshot saw it only after all changes that the snapshot saw. And no change that it did not see was given before: where one
 * was, because its transaction was in the log before others could see it, the chunk is read again.
 *
 * After Netflix's DBLog (Andreakis and Papapanagiotou, 2020), with snapshots of PostgreSQL in the place of written watermarks.
 */
export class Capture {
  readonly #input: CaptureInput;
  readonly #tables: ReadonlyMap<string, CapturedTable>;
  #place: Place;
  readonly #snapshotted: Set<string>;
  #chunk: ChunkPlace | undefined;
  readonly #relations = new Map<string, Pgoutput.MessageRelation>();
  /** Transactions whose changes were given since the last chunk. */
  #unseen: number[];

  constructor(input: CaptureInput) {
    const { stored, tables, stream } = input;
    this.#input = input;
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    this.#place = stored?.place ?? stream.received;
    this.#snapshotted = new Set(stored?.snapshotted);
    this.#chunk = stored?.chunk;
    this.#unseen = [...(stored?.unseen ?? [])];
  }

  async *batches(): AsyncGenerator<Batch> {
    const { tables, options } = this.#input;
    for (const table of tables) {
      if (this.#snapshotted.has(table.name)) continue;
      if (options.snapshot === "initial") yield* this.#readTable(table);
      else this.#snapshotted.add(table.name);
    }
    this.#chunk = undefined;
    for (;;) yield this.#batch((await this.#next()).changes.map(({ record }) => record));
  }

  async *#readTable(table: CapturedTable): AsyncGenerator<Batch> {
    const { pool, context, options } = this.#input;
    const { maxBatch } = options;
    if (this.#chunk?.table !== table.name) this.#chunk = { table: table.name, after: undefined, done: 0 };
    const total = await pool.run(`count ${table.name}`, context.signal, async (client) => {
      const count = "select greatest(reltuples, 0)::int8 as rows from pg_class where oid = to_regclass($1)";
      const { rows } = await client.query<{ rows: string }>(count, [quotedTable(table.table)]);
      return Number(rows[0]?.rows ?? 0);
    });
    for (let isLast = false; !isLast; ) {
      const chunk = await this.#readChunk(table);
      isLast = chunk.isLast;
      const rows = new Map(chunk.rows.map((row) => [keyText(keyOf(table, row)), row]));
      while (this.#place.lsn < chunk.watermark) {
        const { changes, truncated } = await this.#next(chunk.watermark);
        if (truncated.has(table.name)) rows.clear();
        for (const { table: changed, key } of changes) if (changed === table) rows.delete(key);
        yield this.#batch(changes.map(({ record }) => record));
      }
      for (let start = 0; start === 0 || start < chunk.rows.length; start += maxBatch) {
        const part = chunk.rows.slice(start, start + maxBatch);
        const last = part.at(-1);
        if (last !== undefined) this.#chunk = { table: table.name, after: keyOf(table, last), done: (this.#chunk?.done ?? 0) + part.length };
        if (isLast && start + maxBatch >= chunk.rows.length) {
          this.#snapshotted.add(table.name);
          this.#chunk = undefined;
        }
        const left = part.filter((row) => rows.has(keyText(keyOf(table, row))));
        const done = this.#chunk?.done ?? 0;
        yield {
          ...this.#batch(left.map((row) => this.#rowRecord(table, chunk, row))),
          ...(this.#chunk !== undefined && { progress: { done, total: total > done ? total : undefined, unit: "records" } }),
        };
      }
    }
  }

  /** Again until its snapshot sees all transactions whose changes were given. */
  async #readChunk(table: CapturedTable): Promise<Chunk> {
    const { pool, context, options } = this.#input;
    for (;;) {
      const chunk = await pool.run(`read ${table.name}`, context.signal, (client) => readChunk(client, table, this.#chunk?.after, options.chunkRows));
      this.#unseen = this.#unseen.filter((xid) => !chunk.visibility.sees(xid));
      if (this.#unseen.length === 0) return chunk;
      await sleep(context.clock, UNSEEN_RETRY_MS, context.signal);
    }
  }

  async #next(until?: bigint): Promise<{ readonly changes: readonly RecordedChange[]; readonly truncated: ReadonlySet<string> }> {
    const { stream, options, parsers } = this.#input;
    const { changes, place } = await stream.next(options.maxBatch, until);
    this.#place = place;
    const truncated = new Set<string>();
    const recorded = changes.flatMap((change) => {
      const { message } = change;
      if (this.#chunk !== undefined && this.#unseen.at(-1) !== change.xid) this.#unseen.push(change.xid);
      if (message.tag === "truncate") for (const table of this.#truncated(message)) truncated.add(table);
      else this.#noticeColumns(message.relation);
      return rowChanges(change, this.#tables, parsers).map((keyed, index) => ({ ...keyed, record: changeRecord(keyed, change, index) }));
    });
    return { changes: recorded, truncated };
  }

  /** @throws {BusError} `unsupported` unless truncations are to be skipped */
  #truncated({ relations }: Pgoutput.MessageTruncate): readonly string[] {
    const names = relations.map(({ schema, name }) => `${schema}.${name}`).filter((name) => this.#tables.has(name));
    if (names.length === 0) return [];
    if (this.#input.options.truncate === "fail") {
      const remedy = 'set truncate to "skip" to go on without, after what is behind has been emptied too';
      throw new BusError("unsupported", `table ${names.join(", ")} was truncated, of which no row tells: ${remedy}`);
    }
    this.#input.context.logger.warn({ tables: names }, "tables were truncated; no change tells of it");
    return names;
  }

  /** The server tells the columns of a table before its first change and when they are others: rows have them by name from then on. */
  #noticeColumns(relation: Pgoutput.MessageRelation): void {
    const name = `${relation.schema}.${relation.name}`;
    const known = this.#relations.get(name);
    if (known === relation) return;
    this.#relations.set(name, relation);
    const columns = (of: Pgoutput.MessageRelation) => of.columns.map((column) => column.name).join(", ");
    if (known !== undefined)
      this.#input.context.logger.info({ table: name, was: columns(known), is: columns(relation) }, "the columns of a table have changed");
  }

  #batch(records: readonly ConnectRecord<RowChange>[]): Batch {
    const { stream } = this.#input;
    const place = this.#place;
    const position = storedCapture({ place, snapshotted: [...this.#snapshotted], chunk: this.#chunk, unseen: this.#unseen });
    return { records, position, acknowledge: () => stream.confirm(place) };
  }

  #rowRecord(table: CapturedTable, { columns }: Chunk, text: TextRow): ConnectRecord<RowChange> {
    const { parsers } = this.#input;
    const key = keyText(keyOf(table, text));
    const after = rowOf(text, columns, parsers);
    const { schema, name } = table.table;
    const keyRow = Object.fromEntries(table.key.map((part) => [part.name, after[part.name] ?? null]));
    const value: RowChange = { op: "read", schema, table: name, key: keyRow, before: undefined, after, unchanged: [] };
    return connectRecord({ value, id: `${table.name}/${key}@read`, key });
  }
}

function changeRecord({ change, table, key }: KeyedChange, { place, committedAt }: StreamedChange, index: number): ConnectRecord<RowChange> {
  const id = `${table.name}/${key}@${lsnText(place.lsn)}.${place.changes}${index === 0 ? "" : `.${index}`}`;
  return connectRecord({ value: change, id, key, timestamp: committedAt });
}

/** Of a row that was read whole. */
const keyOf = (table: CapturedTable, row: TextRow): string[] => table.key.map(({ name }) => row[name] ?? "");
