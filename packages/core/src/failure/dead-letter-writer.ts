import type { Clock } from "../clock.js";
import { BusError } from "../errors.js";
import type { Publisher } from "../publish/publisher.js";
import type { IncomingRecord } from "../transport/record.js";
import { deadLetterRecord, withoutErrorText } from "./dead-letter-record.js";

/** Writes the dead letters of one group. */
export class DeadLetterWriter {
  constructor(
    private readonly publisher: Publisher,
    private readonly clock: Clock,
    private readonly group: string,
  ) {}

  /** Resolves when the dead letter is acknowledged; rejects when this try failed. */
  async write(record: IncomingRecord, attempts: number, error: unknown): Promise<void> {
    const letter = deadLetterRecord(record, { group: this.group, attempts, error, failedAt: this.clock.now() });
    try {
      await this.publisher.sendRaw(letter);
    } catch (refused) {
      if (!(refused instanceof BusError && refused.code === "record_too_large")) throw refused;
      await this.publisher.sendRaw(withoutErrorText(letter));
    }
  }
}
