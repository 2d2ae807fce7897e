import type { RedisConnection, Reply } from "../connection/redis-connection.js";
import { type Entries, entriesOf, listOf, pairsOf, textOf } from "./replies.js";

/** A consumer of a group of a stream. */
export class GroupConsumer {
  readonly #stream: string;
  readonly #group: string;
  readonly #consumer: string;
  readonly #connection: RedisConnection;
  /** For reads that wait, which others would wait behind. */
  readonly #waiting: RedisConnection;

  constructor(
    names: { readonly stream: string; readonly group: string; readonly consumer: string },
    connection: RedisConnection,
    waiting: RedisConnection,
  ) {
    this.#stream = names.stream;
    this.#group = names.group;
    this.#consumer = names.consumer;
    this.#connection = connection;
    this.#waiting = waiting;
  }

  /** Creates the group, and the stream. False: it was there already. */
  async create(from: "0" | "$"): Promise<boolean> {
    try {
      await this.#run("XGROUP", "CREATE", this.#stream, this.#group, from, "MKSTREAM");
      return true;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("BUSYGROUP")) return false;
      throw error;
    }
  }

  /** New entries; waits for the first. None after `blockMs`. */
  async read(count: number, blockMs: number): Promise<Entries> {
    const args = ["XREADGROUP", "GROUP", this.#group, this.#consumer, "COUNT", `${count}`, "BLOCK", `${blockMs}`, "STREAMS", this.#stream, ">"];
    return this.#entries(await this.#waiting.command(this.#stream, args));
  }

  /** Entries that this consumer was given and has not acknowledged, behind `after`. */
  async readOwn(count: number, after: string): Promise<Entries> {
    return this.#entries(await this.#run("XREADGROUP", "GROUP", this.#group, this.#consumer, "COUNT", `${count}`, "STREAMS", this.#stream, after));
  }

  /** Takes over entries that others hold and have shown no sign of life of for `idleMs`. */
  async claim(count: number, idleMs: number, from: string): Promise<Entries & { readonly next: string }> {
    const reply = await this.#run("XAUTOCLAIM", this.#stream, this.#group, this.#consumer, `${idleMs}`, from, "COUNT", `${count}`);
    const [next, items, deleted] = listOf(reply);
    const { entries, gone } = entriesOf(this.#stream, items);
    return { entries, gone: [...gone, ...listOf(deleted).map(textOf)], next: textOf(next) };
  }

  /** Shows that entries are being worked on. Those that were acknowledged meanwhile stay so. */
  async keep(ids: readonly string[]): Promise<void> {
    await this.#run("XCLAIM", this.#stream, this.#group, this.#consumer, "0", ...ids, "JUSTID");
  }

  async acknowledge(ids: readonly string[]): Promise<void> {
    await this.#run("XACK", this.#stream, this.#group, ...ids);
  }

  /** How often each of these entries, which this consumer holds, was handed out. */
  async deliveries(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const replies = await Promise.all(ids.map((id) => this.#run("XPENDING", this.#stream, this.#group, id, id, "1")));
    const items = replies.map((reply) => listOf(listOf(reply)[0]));
    return new Map(items.map((item) => [textOf(item[0]), Number(item[3])]));
  }

  /** How many entries were trimmed or deleted before the group was given them; 0 where Redis does not know it (before 7.0). */
  async unreadGone(): Promise<number> {
    const [stream, groups] = await Promise.all([this.#run("XINFO", "STREAM", this.#stream), this.#run("XINFO", "GROUPS", this.#stream)]);
    const info = pairsOf(stream);
    const group = listOf(groups)
      .map(pairsOf)
      .find((found) => textOf(found.get("name")) === this.#group);
    const [added, read, delivered, first, length] = [
      info.get("entries-added"),
      group?.get("entries-read"),
      group?.get("last-delivered-id"),
      info.get("first-entry"),
      info.get("length"),
    ];
    if (typeof added !== "number" || typeof read !== "number" || typeof length !== "number") return 0;
    const [firstId] = listOf(first);
    // only where all that is there is unread, the counts say what is missing in front of it
    if (firstId !== undefined && !isBefore(textOf(delivered), textOf(firstId))) return 0;
    return Math.max(0, added - read - length);
  }

  #entries(reply: Reply): Entries {
    const [stream] = listOf(reply);
    return entriesOf(this.#stream, listOf(stream)[1]);
  }

  #run(...args: readonly string[]): Promise<Reply> {
    return this.#connection.command(this.#stream, args);
  }
}

/** Whether an id of a stream is less than another. */
export function isBefore(id: string, other: string): boolean {
  const [time = 0n, sequence = 0n] = id.split("-").map(BigInt);
  const [otherTime = 0n, otherSequence = 0n] = other.split("-").map(BigInt);
  return time === otherTime ? sequence < otherSequence : time < otherTime;
}
