import { BusError, type Violation } from "@org/bus-core";
import type { z } from "zod";

/**
 * What the user's `schema` makes of a value that a source has read; without one the value itself.
 *
 * @param what the value in the message: `the row`
 * @throws {BusError} `malformed_message` with all faults
 */
export function checkedBy(schema: z.ZodType | undefined, value: unknown, what: string): unknown {
  if (schema === undefined) return value;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const violations: Violation[] = result.error.issues.map(({ path, code, message }) => ({ path: path.join("."), rule: code, message }));
  const words = violations.map(({ path, message }) => `${path === "" ? what : path}: ${message}`).join("; ");
  throw new BusError("malformed_message", `breaks the schema: ${words}`, { violations });
}
