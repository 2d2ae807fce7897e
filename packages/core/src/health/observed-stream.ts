import { type Clock, sleep } from "../clock.js";
import type { Explanation } from "../consume/consumption.js";
import { messageOf } from "../errors.js";
import { PartitionProgress, type Progress } from "./partition-progress.js";

/** Whoever waits for the ends of logs gets on with those that are known after this. */
const readTimeoutMs = 2_000;

/** What a stream lets be seen of itself. */
export interface StreamSource {
  readonly clock: Clock;
  explain(): Explanation;
  /** Asks the cluster where the logs of the assigned partitions end. Rejects where it does not say. */
  readLogEnds(): Promise<void>;
}

/** A stream as metrics and health see it: what it does, how far it is behind, and what of it does not move. */
export class ObservedStream {
  private readonly progress = new PartitionProgress();
  private reading: Promise<void> | undefined;
  private readAt = Number.NEGATIVE_INFINITY;
  private failure: { readonly since: number; readonly message: string } | undefined;

  constructor(private readonly source: StreamSource) {}

  explain(): Explanation {
    return this.source.explain();
  }

  /** By the clock of its bus. */
  now(): number {
    return this.source.clock.now();
  }

  /** Since when, and why, it is not known where the logs end, in ms since the epoch; undefined while it is. */
  get unreadable(): { readonly since: number; readonly message: string } | undefined {
    return this.failure;
  }

  /** Reads the ends of the logs, where what is known of them is older than `maxAgeMs`. Never rejects; resolves after 2 s at the latest. */
  async refresh(maxAgeMs = 500): Promise<void> {
    const { clock } = this.source;
    if (this.reading === undefined && clock.now() - this.readAt < maxAgeMs) return;
    this.reading ??= this.read(clock.now());
    const waiting = new AbortController();
    await Promise.race([this.reading, sleep(clock, readTimeoutMs, waiting.signal)]);
    waiting.abort();
    const { reading } = this;
    if (reading !== undefined) this.failure ??= { since: clock.now() - readTimeoutMs, message: `no answer after ${readTimeoutMs} ms` };
  }

  /** How its partitions move. To be called now and then: what happens between two calls is not seen. */
  sample(): readonly Progress[] {
    return this.progress.sample(this.explain(), this.source.clock.now());
  }

  private async read(startedAt: number): Promise<void> {
    try {
      await this.source.readLogEnds();
      this.failure = undefined;
      this.readAt = this.source.clock.now();
    } catch (error) {
      this.failure ??= { since: startedAt, message: messageOf(error) };
    } finally {
      this.reading = undefined;
    }
  }
}
