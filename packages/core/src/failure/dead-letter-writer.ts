import type { Clock } from "../clock.js";
import type { Publisher } from "../publish/publisher.js";
import type { IncomingRecord } from "../transport/record.js";
import { deadLetterRecord } from "./dead-letter-record.js";

/** Writes the dead letters of one group. */
export class DeadLetterWriter {
  constructor(
    private readonly publisher: Publisher,
    private readonly clock: Clock,
    private readonly group: string,
  ) {}

  /** Resolves when the dead letter is acknowledged; rejects when this try failed. */
  async write(record: IncomingRecord, attempts: number, error: unknown): Promise<void> {
    await this.publisher.sendRaw(deadLetterRecord(record, { group: this.group, attempts, error, failedAt: this.clock.now() }));
  }
}
