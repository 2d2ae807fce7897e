import type { Clock } from "../clock.js";
import { traceFields } from "../correlated-logger.js";
import type { Logger } from "../logger.js";
import type { IncomingRecord } from "../transport/record.js";
import { errorClass, errorCode, type Failure } from "./dead-letter-record.js";

const intervalMs = 1_000;

/**
 * Warns of the dead letters of a stream, at most once per second, so that a topic full of bad messages does not fill the log as well. What it
 * leaves out is counted in the next line, which tells of the latest. It says where a record lay and of what kind its
 * error was; what the error says may hold values of the message.
 */
export class DeadLetterLog {
  private latest: object | undefined;
  private count = 0;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  written({ topic, partition, offset, id }: IncomingRecord, { group, attempts, stage, error }: Failure): void {
    // it may be told later, when another span is active
    const where = id === undefined ? { topic, partition, offset } : { topic, partition, offset, id };
    this.latest = { group, ...where, attempts, stage, error: errorCode(error) ?? errorClass(error), ...traceFields() };
    this.count++;
    if (this.cancel === undefined) this.next();
  }

  /** Writes at once what it holds back. */
  close(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.write();
  }

  private next(): void {
    this.cancel = this.write() ? this.clock.schedule(intervalMs, () => this.next()) : undefined;
  }

  /** False when there is nothing to tell. */
  private write(): boolean {
    if (this.latest === undefined) return false;
    this.logger.warn({ ...this.latest, suppressed: this.count - 1 }, "a record became a dead letter");
    this.latest = undefined;
    this.count = 0;
    return true;
  }
}
