import type { Clock, Logger } from "@org/bus-core";
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

/** While a broker is down, each client tries it several times a second, and says so each time. */
const CONNECTION_LINE_EVERY_MS = 10_000;

/**
 * Hands what kafkajs logs to `logger`: trouble with connections as warnings, the rest for debugging. What it calls an error it repeats a moment
 * later, and what it gives up on reaches us as an exception. Of the warnings, one per address of a broker in 10 s; the next one says with `suppressed`
 * how many were left out.
 *
 * The line about a reset offset throws: nothing else lies between an offset out of range and the commit of another one in its place.
 */
export function toKafkajsLog(logger: Logger, clock: Clock): (entry: LogEntry) => void {
  const lastOf = new Map<string, { readonly at: number; suppressed: number }>();
  const warn = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    const [broker, at] = [String(fields.broker), clock.now()];
    const last = lastOf.get(broker);
    if (last !== undefined && at - last.at < CONNECTION_LINE_EVERY_MS) {
      last.suppressed++;
      return;
    }
    lastOf.set(broker, { at, suppressed: 0 });
    logger.warn(last === undefined || last.suppressed === 0 ? fields : { ...fields, suppressed: last.suppressed }, message);
  };
  return ({ namespace, log }) => {
    const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...rest } = log;
    if (message === OFFSET_RESET) throw new OffsetLeftTheLog(String(rest.topic), Number(rest.partition));
    const fields = { client: namespace, ...rest };
    if (namespace === "Connection" && !message.startsWith("Response")) warn(fields, message);
    else logger.debug(fields, message);
  };
}
