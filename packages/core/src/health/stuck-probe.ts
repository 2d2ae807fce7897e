import type { Clock } from "../clock.js";
import type { ObservedStream } from "./observed-stream.js";
import { openStreams } from "./open-streams.js";

/** The longest time between two looks: what a partition does in between is not seen. */
const maxSampleMs = 1_000;
/** How old what is known of the ends of logs may become, at most. */
const maxLogEndAgeMs = 15_000;

export interface StuckProbeOptions {
  /** For how long a partition may stand still, in ms. */
  readonly stalledAfterMs: number;
  readonly clock: Clock;
  /** @default those of the process */
  readonly streams?: () => readonly ObservedStream[];
}

/** What does not get on, and what is known of why. Times in ms since the epoch. */
export interface StuckPartition {
  readonly reason: "not moving";
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The next one to be settled, and what it is about. */
  readonly offset: number;
  readonly key: string | null;
  /** The operator, or `handler`, that has it, such as `mapKeyed(assess)`; null: it was not fetched, or is between two operators. */
  readonly stage: string | null;
  /** `not fetched`: nothing of the partition is in work, but its log has more. */
  readonly state: "waiting" | "running" | "overdue" | "backoff" | "deadLetter" | "not fetched";
  readonly attempt: number;
  /** In this state since. */
  readonly since: string;
  /** Has not moved since. */
  readonly stalledSince: string;
  readonly stalledMs: number;
  readonly lag: number;
  readonly lastError: string | null;
}

export interface UnreadablePositions {
  readonly reason: "positions cannot be read";
  readonly group: string;
  readonly topics: readonly string[];
  readonly since: string;
  readonly error: string;
}

/**
 * Tells a consumer that is stuck from one that waits. A partition is stuck when it is assigned now, has something to read, and has neither settled nor fetched
 * anything for `stalledAfterMs`. It is not while it moves to another member, is paused by the user, waits for its next try, for the slots of others
 * that wait for theirs, or for others to be gathered, or has nothing to read. A stream is stuck too when for as long nobody could say where its logs end.
 */
export class StuckProbe {
  private readonly streams: () => readonly ObservedStream[];
  private cancel: (() => void) | undefined;

  constructor(private readonly options: StuckProbeOptions) {
    this.streams = options.streams ?? openStreams;
  }

  /** Looks again and again, until it is stopped. */
  start(): void {
    this.look();
    this.cancel = this.options.clock.schedule(Math.min(maxSampleMs, this.options.stalledAfterMs / 4), () => this.start());
  }

  stop(): void {
    this.cancel?.();
  }

  /** What is stuck now. */
  check(): readonly (StuckPartition | UnreadablePositions)[] {
    return this.streams().flatMap((stream) => [...this.unreadable(stream), ...this.stuck(stream)]);
  }

  private look(): void {
    const maxAgeMs = Math.min(maxLogEndAgeMs, this.options.stalledAfterMs / 4);
    for (const stream of this.streams()) {
      stream.sample();
      void stream.refresh(maxAgeMs);
    }
  }

  private stuck(stream: ObservedStream): StuckPartition[] {
    const now = stream.now();
    const { group } = stream.explain();
    return stream.sample().flatMap(({ partition: { topic, partition, frontier, lag, heldBy }, stalledSince }) => {
      if (stalledSince === undefined || now - stalledSince < this.options.stalledAfterMs) return [];
      return {
        reason: "not moving",
        group,
        topic,
        partition,
        offset: frontier,
        key: heldBy?.key ?? null,
        stage: heldBy?.stage ?? null,
        state: heldBy?.state ?? "not fetched",
        attempt: heldBy?.attempt ?? 0,
        since: timeText(heldBy?.since ?? stalledSince),
        stalledSince: timeText(stalledSince),
        stalledMs: now - stalledSince,
        lag,
        lastError: heldBy?.lastError ?? null,
      };
    });
  }

  private unreadable(stream: ObservedStream): UnreadablePositions[] {
    const { unreadable } = stream;
    const { group, topics, state, partitions } = stream.explain();
    // without partitions nothing is to be known, and an interrupted stream says so by its state
    if (unreadable === undefined || state !== "running" || partitions.length === 0) return [];
    if (stream.now() - unreadable.since < this.options.stalledAfterMs) return [];
    return [{ reason: "positions cannot be read", group, topics, since: timeText(unreadable.since), error: unreadable.message }];
  }
}

const timeText = (ms: number): string => new Date(ms).toISOString();
