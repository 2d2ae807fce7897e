import type { Clock, Logger } from "@org/bus-core";
import type { LogEntry } from "kafkajs";

/** While a broker is down, each client tries it several times a second, and says so each time. */
const CONNECTION_LINE_EVERY_MS = 10_000;

/**
 * Hands what kafkajs logs to `logger`: trouble with connections as warnings, the rest for debugging. What it calls an error it repeats a moment
 * later, and what it gives up on reaches us as an exception. Of the warnings, one per address of a broker in 10 s; the next one says with `suppressed`
 * how many were left out.
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
    const fields = { client: namespace, ...rest };
    if (namespace === "Connection" && !message.startsWith("Response")) warn(fields, message);
    else logger.debug(fields, message);
  };
}
