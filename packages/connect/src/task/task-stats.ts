import type { SourceProgress } from "../source/source.js";
import { connectInstruments } from "../telemetry/connect-instruments.js";
import { BUS_CONNECTOR } from "../telemetry/connect-metrics.js";

/** What a task counts of itself over all its restarts, for its status and the metrics. */
export class TaskStats {
  /** Of a source with an end. */
  progress: SourceProgress | undefined;
  read = 0;
  written = 0;
  retried = 0;
  /** Of a source that is no topic: those of a topic are counted with its group. */
  deadLettered = 0;
  /** When a record was last read, and last written; ms since the epoch. */
  lastReadAt: number | undefined;
  lastWrittenAt: number | undefined;
  /** What last went wrong, also where it was got over; `at` in ms since the epoch. */
  lastError: { readonly message: string; readonly at: number } | undefined;
  private readonly attributes: { readonly [BUS_CONNECTOR]: string };

  constructor(connector: string) {
    this.attributes = { [BUS_CONNECTOR]: connector };
  }

  took(records: number, now: number): void {
    if (records === 0) return;
    this.read += records;
    this.lastReadAt = now;
    connectInstruments()?.read.add(records, this.attributes);
  }

  wrote(records: number, now: number): void {
    this.written += records;
    this.lastWrittenAt = now;
    connectInstruments()?.written.add(records, this.attributes);
  }

  failed(message: string, now: number): void {
    this.lastError = { message, at: now };
  }

  retry(): void {
    this.retried++;
    connectInstruments()?.retries.add(1, this.attributes);
  }

  deadLetter(): void {
    this.deadLettered++;
    connectInstruments()?.deadLetters.add(1, this.attributes);
  }

  writeTook(milliseconds: number): void {
    connectInstruments()?.writeDuration.record(milliseconds / 1_000, this.attributes);
  }
}
