import type { SourceContext } from "@org/bus-connect";
import { BUS_CONNECTOR } from "@org/bus-connect/metrics";
import { replyWord } from "../connection/errors.js";
import { redisInstruments } from "../telemetry/redis-instruments.js";
import { BUS_REDIS_STREAM } from "../telemetry/redis-metrics.js";
import type { RedisEntry } from "./entry.js";
import type { GroupConsumer } from "./group.js";
import type { ResolvedRedisStreamSourceOptions } from "./options.js";
import type { Entries } from "./replies.js";

/** Entries, and how often each was handed out where it was more than once. */
export interface Delivered {
  readonly entries: readonly RedisEntry[];
  readonly deliveries: ReadonlyMap<string, number>;
}

export interface EntryReaderOptions extends Pick<ResolvedRedisStreamSourceOptions, "start" | "maxRecords" | "claimAfterMs" | "responseTimeoutMs"> {
  readonly stream: string;
  /** Whether the group was there before: then one that is missing now was lost. */
  readonly isKnown: boolean;
}

/** How long one read waits for entries at most. The end of a task does not wait for it. */
const MAX_BLOCK_MS = 5_000;

const NONE: Delivered = { entries: [], deliveries: new Map() };

/** What to read next: first what this consumer was given before, then what others have left, then what is new; what others leave every now and then again. */
export class EntryReader {
  readonly #group: GroupConsumer;
  readonly #options: EntryReaderOptions;
  readonly #context: SourceContext;
  #isKnown: boolean;
  #isReady = false;
  /** Behind what of its own entries; undefined: they are all read. */
  #own: string | undefined = "0";
  /** Where to go on taking over; undefined: not before it is time again. */
  #claimFrom: string | undefined = "0-0";
  #claimAtMs = 0;

  constructor(group: GroupConsumer, options: EntryReaderOptions, context: SourceContext) {
    this.#group = group;
    this.#options = options;
    this.#context = context;
    this.#isKnown = options.isKnown;
  }

  /** None where there are none at the moment, or the task stops. */
  async next(): Promise<Delivered> {
    const { signal, clock } = this.#context;
    try {
      if (!this.#isReady) await this.#prepare();
      if (this.#own !== undefined) return await this.#nextOwn(this.#own);
      if (this.#claimFrom === undefined && clock.now() >= this.#claimAtMs) {
        this.#claimFrom = "0-0";
        await this.#tellUnreadGone();
      }
      if (this.#claimFrom !== undefined) return await this.#nextClaimed(this.#claimFrom);
      const { maxRecords, responseTimeoutMs } = this.#options;
      // Redis is silent meanwhile, which must not look like a lost connection
      const blockMs = Math.min(MAX_BLOCK_MS, Math.ceil(responseTimeoutMs / 3), this.#claimAtMs - clock.now());
      const { entries } = await this.#group.read(maxRecords, blockMs);
      return { entries, deliveries: new Map() };
    } catch (error) {
      if (signal.aborted) return NONE;
      if (replyWord(error) !== "NOGROUP") throw error;
      // the next call makes it again
      this.#isReady = false;
      this.#own = "0";
      return NONE;
    }
  }

  async #prepare(): Promise<void> {
    const isFirst = !this.#isKnown;
    const { start, stream } = this.#options;
    const isNew = await this.#group.create(isFirst && start === "latest" ? "$" : "0");
    if (isNew && !isFirst) {
      this.#context.logger.warn({ stream }, `the consumer group of ${stream} was lost, all entries that are there are read (again)`);
    }
    this.#isKnown = true;
    await this.#tellUnreadGone();
    this.#isReady = true;
  }

  async #nextOwn(after: string): Promise<Delivered> {
    const own = await this.#group.readOwn(this.#options.maxRecords, after);
    const ids = [...own.entries.map(({ id }) => id), ...own.gone];
    this.#own = ids.length === 0 ? undefined : ids.sort(byId).at(-1);
    return this.#redelivered(own);
  }

  async #nextClaimed(from: string): Promise<Delivered> {
    const { maxRecords, claimAfterMs } = this.#options;
    const claimed = await this.#group.claim(maxRecords, claimAfterMs, from);
    const isEnd = claimed.next === "0-0";
    this.#claimFrom = isEnd ? undefined : claimed.next;
    if (isEnd) this.#claimAtMs = this.#context.clock.now() + claimAfterMs;
    const { stream } = this.#options;
    if (claimed.entries.length > 0)
      this.#context.logger.info({ stream, entries: claimed.entries.length }, `entries of ${stream} are taken over from consumers that are gone`);
    return this.#redelivered(claimed);
  }

  async #redelivered({ entries, gone }: Entries): Promise<Delivered> {
    if (gone.length > 0) {
      this.#tellGone(gone.length, "before they were acknowledged");
      await this.#group.acknowledge(gone);
    }
    if (entries.length === 0) return NONE;
    return { entries, deliveries: await this.#group.deliveries(entries.map(({ id }) => id)) };
  }

  async #tellUnreadGone(): Promise<void> {
    const count = await this.#group.unreadGone();
    if (count > 0) this.#tellGone(count, "before they were read");
  }

  #tellGone(count: number, when: string): void {
    const { logger, connector } = this.#context;
    const { stream } = this.#options;
    redisInstruments()?.trimmed.add(count, { [BUS_CONNECTOR]: connector, [BUS_REDIS_STREAM]: stream });
    logger.error(
      { stream, entries: count },
      `${count} entries of ${stream} were trimmed or deleted ${when}: let the stream be longer, or read faster`,
    );
  }
}

function byId(a: string, b: string): number {
  const [time = 0, sequence = 0] = a.split("-").map(Number);
  const [otherTime = 0, otherSequence = 0] = b.split("-").map(Number);
  return time - otherTime || sequence - otherSequence;
}
