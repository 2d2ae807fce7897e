import { BusError } from "@org/bus-core";
import pg from "pg";
import { type Pgoutput, PgoutputPlugin } from "pg-logical-replication";
import { clientConfig } from "../connection/client-config.js";
import { databaseError } from "../connection/database-error.js";
import type { ResolvedConnectionOptions } from "../connection/options.js";
import { lsnText, parseLsn } from "./lsn.js";
import { isReached, type Place } from "./place.js";
import { standbyStatus } from "./standby-status.js";

/** A change of a row, or the truncation of tables. */
export type ChangeMessage = Pgoutput.MessageInsert | Pgoutput.MessageUpdate | Pgoutput.MessageDelete | Pgoutput.MessageTruncate;

/** A change that was committed. */
export interface StreamedChange {
  readonly message: ChangeMessage;
  /** Behind it. */
  readonly place: Place;
  /** Of its transaction, 32 bits. */
  readonly xid: number;
  /** When it was committed, in ms since the epoch. */
  readonly committedAt: number;
}

export interface ChangeStreamOptions {
  readonly connection: ResolvedConnectionOptions;
  readonly owner: string;
  readonly slot: string;
  readonly publication: string;
  /** Changes up to here are left out. */
  readonly from: Place;
  /** How the text of a value is read, by the oid of its type. */
  readonly parser: (typeOid: number) => (text: string) => unknown;
  /** Changes that may wait here; reading from the server stops at this number. */
  readonly maxWaiting: number;
  /** How often the place is told while there are no changes. */
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

/** The parts of pg that replication is made of, which its types do not have. */
interface ReplicationProtocol {
  readonly stream: { pause(): void; resume(): void; destroy(): void };
  on(event: "copyData", listener: (message: { readonly chunk: Buffer }) => void): void;
  once(event: "replicationStart", listener: () => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
}

const XLOG_DATA = 0x77;
const KEEPALIVE = 0x6b;

/** The server gives a client up that has been silent for a minute (`wal_sender_timeout`). */
const STATUS_INTERVAL_MS = 5_000;
/** The same the other way: it answers when it is asked, so one that is silent for so long is gone. */
const SILENCE_LIMIT_MS = 30_000;

/** What bytes of a waiting change are worth in changes, so that few large ones do not fill the memory. */
const BYTES_PER_CHANGE = 8_192;

/**
 * Changes of a slot, in the order of their commits, from a connection of their own. At most about `maxWaiting` wait here: then the socket is not read.
 *
 * Not the service of `pg-logical-replication`, whose reading of the messages this uses: that one confirms the byte after the place it is told, and thereby a
 * transaction whose commit follows at once, and it confirms what it has received, not what has been stored.
 */
export class ChangeStream {
  readonly #options: ChangeStreamOptions;
  readonly #client: pg.Client;
  readonly #protocol: ReplicationProtocol;
  readonly #plugin: PgoutputPlugin;
  #waiting: StreamedChange[] = [];
  #waitingBytes = 0;
  #paused = false;
  /** Behind all that has been received. */
  #received: Place;
  #transaction: { readonly lsn: bigint; readonly xid: number; readonly committedAt: number; changes: number } | undefined;
  #confirmed: bigint;
  /** The place that `next` gave last, and when. */
  #told: Place;
  #toldAt = Date.now();
  #replyWanted = false;
  #heardAt = Date.now();
  #failure: BusError | undefined;
  #wake = () => {};
  #statusTimer: NodeJS.Timeout | undefined;

  private constructor(options: ChangeStreamOptions) {
    this.#options = options;
    this.#received = options.from;
    this.#told = options.from;
    this.#confirmed = options.from.lsn;
    // a type of pg lacks the option
    const config = { ...clientConfig({ ...options.connection, statementTimeoutMs: 0 }, options.owner), replication: "database" };
    this.#client = new pg.Client(config);
    // nor does it tell of the connection, which alone speaks the protocol of replication
    this.#protocol = (this.#client as unknown as { readonly connection: ReplicationProtocol }).connection;
    this.#plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [options.publication] });
  }

  /** @throws {BusError} when the server cannot be reached, or has no such slot, or another process reads it */
  static async open(options: ChangeStreamOptions): Promise<ChangeStream> {
    const stream = new ChangeStream(options);
    try {
      await stream.#start();
      return stream;
    } catch (error) {
      stream.close();
      throw databaseError(error, `read the replication slot ${options.slot}`);
    }
  }

  /** Behind all that has been received, whether it has been taken or not. */
  get received(): Place {
    return this.#received;
  }

  /**
   * The next changes and the place behind them: as soon as there are some. Without changes when only the place has moved on: every `heartbeatMs`, or when
   * the server wants to hear of it, or as soon as it is at `until`.
   *
   * @throws {BusError} why the stream has ended
   */
  async next(max: number, until?: bigint): Promise<{ readonly changes: readonly StreamedChange[]; readonly place: Place }> {
    while (this.#waiting.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      if (until !== undefined && this.#received.lsn >= until) break;
      const idleMs = this.#toldAt + this.#options.heartbeatMs - Date.now();
      if (this.#received.lsn > this.#told.lsn && (this.#replyWanted || idleMs <= 0)) break;
      if (idleMs <= 0) this.#toldAt = Date.now();
      await this.#arrival(Math.max(1, idleMs));
    }
    const changes = this.#waiting.splice(0, max);
    this.#relieve(changes.length);
    this.#told = (this.#waiting.length > 0 ? changes.at(-1)?.place : undefined) ?? this.#received;
    this.#toldAt = Date.now();
    this.#replyWanted = false;
    return { changes, place: this.#told };
  }

  async #arrival(timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }

  /** Reads on when half of what may wait has been taken. */
  #relieve(taken: number): void {
    this.#waitingBytes *= this.#waiting.length / Math.max(1, this.#waiting.length + taken);
    if (!this.#paused || this.#isFull(0.5)) return;
    this.#paused = false;
    this.#heardAt = Date.now();
    this.#protocol.stream.resume();
  }

  /** All up to `place` is stored elsewhere: the server need not keep it. */
  confirm({ lsn }: Place): void {
    if (lsn <= this.#confirmed || this.#failure !== undefined) return;
    this.#confirmed = lsn;
    this.#sendStatus(false);
  }

  close(): void {
    clearInterval(this.#statusTimer);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#failure ??= new BusError("closed", "the stream of changes was closed before");
    this.#protocol.stream.destroy();
    this.#wake();
  }

  async #start(): Promise<void> {
    const { slot, from, signal } = this.#options;
    signal.throwIfAborted();
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#client.on("error", (error) => this.#fail(error));
    await this.#client.connect();
    const started = new Promise<void>((resolve) => this.#protocol.once("replicationStart", resolve));
    this.#protocol.on("copyData", ({ chunk }) => this.#onData(chunk));
    const ended = this.#plugin.start(this.#client, slot, lsnText(from.lsn)).then(
      () => this.#fail(new Error("the server has ended the stream")),
      (error: unknown) => {
        this.#fail(error);
        throw error;
      },
    );
    await Promise.race([started, ended]);
    // what comes later of it has been told by #fail
    ended.catch(() => {});
    this.#statusTimer = setInterval(() => this.#onStatusDue(), STATUS_INTERVAL_MS);
  }

  readonly #onAbort = (): void => {
    this.#failure ??= new BusError("aborted", `the stream of changes of slot ${this.#options.slot} was ended`);
    this.close();
  };

  #fail(error: unknown): void {
    this.#failure ??= databaseError(error, `go on with the replication slot ${this.#options.slot}`);
    clearInterval(this.#statusTimer);
    this.#wake();
  }

  #onData(chunk: Buffer): void {
    this.#heardAt = Date.now();
    try {
      if (chunk[0] === XLOG_DATA) this.#onMessage(this.#plugin.parse(chunk.subarray(25)), chunk.length);
      else if (chunk[0] === KEEPALIVE) this.#onKeepalive(chunk);
    } catch (error) {
      this.#fail(error);
      this.#protocol.stream.destroy();
    }
  }

  #onMessage(message: Pgoutput.Message, bytes: number): void {
    switch (message.tag) {
      case "begin":
        this.#transaction = {
          lsn: parseLsn(message.commitLsn ?? "0/0"),
          xid: message.xid >>> 0,
          committedAt: Number((message.commitTime as bigint) / 1000n),
          changes: 0,
        };
        break;
      case "relation":
        for (const column of message.columns) column.parser = this.#options.parser(column.typeOid >>> 0);
        break;
      case "commit":
        this.#transaction = undefined;
        this.#receive({ lsn: parseLsn(message.commitEndLsn ?? "0/0"), changes: 0 });
        break;
      case "insert":
      case "update":
      case "delete":
      case "truncate":
        this.#onChange(message, bytes);
        break;
    }
  }

  #onChange(message: ChangeMessage, bytes: number): void {
    const transaction = this.#transaction;
    if (transaction === undefined) throw new BusError("transport_failed", "a change came outside of a transaction");
    const place = { lsn: transaction.lsn, changes: ++transaction.changes };
    // the server begins with the transaction in the middle of which reading had stopped
    if (isReached(place, this.#options.from)) return;
    this.#received = place;
    this.#waiting.push({ message, place, xid: transaction.xid, committedAt: transaction.committedAt });
    this.#waitingBytes += bytes;
    if (!this.#paused && this.#isFull(1)) {
      this.#paused = true;
      this.#protocol.stream.pause();
    }
    this.#wake();
  }

  #onKeepalive(chunk: Buffer): void {
    // all that was committed before this place and is of the publication has been sent
    if (this.#transaction === undefined) this.#receive({ lsn: chunk.readBigUInt64BE(1), changes: 0 });
    if (chunk[17] === 0) return;
    this.#sendStatus(false);
    // a server that shuts down waits until all is confirmed
    this.#replyWanted = this.#received.lsn > this.#confirmed;
    this.#wake();
  }

  #receive(place: Place): void {
    if (isReached(place, this.#received)) return;
    this.#received = place;
    // somebody may wait for a place
    this.#wake();
  }

  #isFull(share: number): boolean {
    const { maxWaiting } = this.#options;
    return this.#waiting.length >= maxWaiting * share || this.#waitingBytes >= maxWaiting * BYTES_PER_CHANGE * share;
  }

  #onStatusDue(): void {
    const silentMs = Date.now() - this.#heardAt;
    if (!this.#paused && silentMs > SILENCE_LIMIT_MS) {
      this.#fail(new Error(`the server has not answered for ${silentMs} ms`));
      this.#protocol.stream.destroy();
      return;
    }
    this.#sendStatus(!this.#paused && silentMs > STATUS_INTERVAL_MS);
  }

  #sendStatus(asksForReply: boolean): void {
    if (this.#failure === undefined) this.#protocol.sendCopyFromChunk(standbyStatus(this.#confirmed, asksForReply));
  }
}
