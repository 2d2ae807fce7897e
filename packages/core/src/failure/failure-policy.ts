import { BusError, type BusErrorCode } from "../errors.js";
import { backoffMs } from "./backoff.js";
import type { DeadLetterWriter } from "./dead-letter-writer.js";
import type { ResolvedFailureOptions } from "./options.js";

/** Faults of the set-up: the next message would meet them too, so that dead letters would soon hold the whole topic. */
const faultsOfSetUp: ReadonlySet<BusErrorCode> = new Set(["unknown_topic", "not_authorized", "not_authenticated", "unsupported"]);

/** What a stream does with a message that fails. */
export class FailurePolicy {
  constructor(
    private readonly options: ResolvedFailureOptions,
    private readonly random: () => number,
    readonly deadLetters: DeadLetterWriter,
  ) {}

  /** The wait before the next try; undefined when `attempt` was the last one, or the error says that another makes no sense. */
  retryDelayMs(attempt: number, error: unknown): number | undefined {
    if (attempt >= this.options.attempts || (error instanceof BusError && !error.retryable)) return undefined;
    return this.delayMs(attempt);
  }

  /** Whether the stream ends, after the last try: where the user wants that, and when the fault is not of the message. */
  stopsAfter(error: unknown): boolean {
    return this.options.otherwise === "stop" || (error instanceof BusError && faultsOfSetUp.has(error.code));
  }

  /** The wait after the `failures`-th failure in a row. */
  delayMs(failures: number): number {
    return backoffMs(this.options, failures, this.random);
  }
}
