import type { Logger } from "@org/bus-core";

/** Says `fields` in every line. */
export function loggerWith(logger: Logger, fields: Readonly<Record<string, unknown>>): Logger {
  return {
    debug: (own, message) => logger.debug({ ...fields, ...own }, message),
    info: (own, message) => logger.info({ ...fields, ...own }, message),
    warn: (own, message) => logger.warn({ ...fields, ...own }, message),
    error: (own, message) => logger.error({ ...fields, ...own }, message),
  };
}
