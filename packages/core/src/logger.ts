/**
 * Where the library writes. A pino logger fits as it is. `fields` have the ids of the active span (`trace_id`, `span_id`), and topic, partition and offset where a
 * line is about a record; values of messages never appear in them. `info`: one line for each change of a stream's state. `debug`: partitions that come and go.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

function line(level: string, fields: object, message: string): void {
  process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), message, ...fields })}\n`);
}

/** Warnings and errors to stderr, one JSON object a line. The default. */
export const stderrLogger: Logger = {
  debug() {},
  info() {},
  warn: (fields, message) => line("warn", fields, message),
  error: (fields, message) => line("error", fields, message),
};
