/** Where the library writes. A pino logger fits as it is. Values of messages never appear in `fields`. */
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
