import type { z } from "zod";
import { BusError, type Violation } from "./errors.js";

/**
 * Checks an options object against its schema and fills in the defaults. All faults are reported at once.
 *
 * @param owner what the options belong to, for the message: `createBus`
 * @throws {BusError} `invalid_options`
 */
export function resolveOptions<S extends z.ZodType>(owner: string, schema: S, options: unknown): z.output<S> {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const violations: Violation[] = result.error.issues.map((issue) => ({
    path: issue.path.map(String).join("."),
    rule: issue.code,
    message: issue.message,
  }));
  const list = violations.map((v) => (v.path === "" ? v.message : `${v.path}: ${v.message}`)).join("; ");
  throw new BusError("invalid_options", `${owner}: ${list}`, { violations });
}
