import type { Clock } from "../clock.js";
import { BusError } from "../errors.js";
import type { Logger } from "../logger.js";
import type { Publisher } from "../publish/publisher.js";
import type { IncomingRecord, OutgoingRecord } from "../transport/record.js";
import { DeadLetterLog } from "./dead-letter-log.js";
import { deadLetterRecord, type Failure, withoutErrorText } from "./dead-letter-record.js";

/** Writes the dead letters of one group. */
export class DeadLetterWriter {
  private readonly log: DeadLetterLog;

  constructor(
    private readonly publisher: Publisher,
    private readonly clock: Clock,
    private readonly group: string,
    logger: Logger,
  ) {
    this.log = new DeadLetterLog(logger, clock);
  }

  /** Resolves when the dead letter is acknowledged, or `keep` has it; rejects when this try failed. */
  async write(
    record: IncomingRecord,
    { attempts, stage, error }: Pick<Failure, "attempts" | "stage" | "error">,
    keep?: (letter: OutgoingRecord) => void,
  ): Promise<void> {
    const failure: Failure = { group: this.group, attempts, stage, error, failedAt: this.clock.now() };
    const letter = deadLetterRecord(record, failure);
    if (keep === undefined) await this.send(letter);
    else keep(letter);
    this.log.written(record, failure);
  }

  private async send(letter: OutgoingRecord): Promise<void> {
    try {
      await this.publisher.sendRaw(letter);
    } catch (refused) {
      if (!(refused instanceof BusError && refused.code === "record_too_large")) throw refused;
      await this.publisher.sendRaw(withoutErrorText(letter));
    }
  }

  /** Nothing is waited for: what is still being written is written, and logged. */
  close(): void {
    this.log.close();
  }
}
