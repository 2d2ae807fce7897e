import type { Logger } from "@org/bus-core";
// Node sees only some names of this CommonJS package, and the default export has all of them
import kafkajs, { type LogEntry } from "kafkajs";

/** What kafkajs logs just before it replaces an offset that has left the log by its default, and commits that. */
const OFFSET_RESET = "Offset out of range, resetting to default offset";

/** Thrown in the place of the reset. */
export class OffsetLeftTheLog extends kafkajs.KafkaJSNonRetriableError {
  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {
    super(`the offset to read next in ${topic}[${partition}] is not in the log`);
  }
}

/**
 * Hands what kafkajs logs to `logger`: trouble with connections as warnings, the rest for debugging. What it calls an error it repeats a moment
 * later, and what it gives up on reaches us as an exception.
 *
 * The line about a reset offset throws: nothing else lies between an offset out of range and the commit of another one in its place.
 */
export function toKafkajsLog(logger: Logger): (entry: LogEntry) => void {
  return ({ namespace, log }) => {
    const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = log;
    if (message === OFFSET_RESET) throw new OffsetLeftTheLog(String(fields.topic), Number(fields.partition));
    const aboutConnection = namespace === "Connection" && !message.startsWith("Response");
    logger[aboutConnection ? "warn" : "debug"]({ client: namespace, ...fields }, message);
  };
}
