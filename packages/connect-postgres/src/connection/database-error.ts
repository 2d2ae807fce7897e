import { BusError } from "@org/bus-core";
import { DatabaseError } from "pg";

/** What an error says of the statement that had it. */
export type ErrorKind =
  /** One of its values, and not the others: out of range, malformed, against a constraint. */
  | "value"
  /** How the table, the permissions and the options are: another try has the same end. */
  | "setup"
  /** The moment: connection lost, server stopping, too many connections, deadlock, timeout. */
  | "moment";

/** Classes of SQLSTATE, its first two characters. */
const CLASSES: Readonly<Record<string, ErrorKind>> = {
  "22": "value", // data
  "23": "value", // constraint
  "0A": "setup", // not supported
  "28": "setup", // authorization
  "3D": "setup", // no such database
  "3F": "setup", // no such schema
  "42": "setup", // syntax, names, privileges
};

const INSUFFICIENT_PRIVILEGE = "42501";

/** What is not known to be of a value or for ever may pass: 40 (rollback), 53 (resources), 55 (state), 57 (operator), 58 (system), and no answer at all. */
export function errorKind(error: unknown): ErrorKind {
  return (error instanceof DatabaseError && error.code !== undefined && CLASSES[error.code.slice(0, 2)]) || "moment";
}

/** Whether the role lacks a right. */
export const isRefused = (error: unknown): boolean => error instanceof DatabaseError && error.code === INSUFFICIENT_PRIVILEGE;

/** An error of pg as one of the bus, which says whether another try may succeed. `what` was to be done: `read public.outbox`. */
export function databaseError(thrown: unknown, what: string): BusError {
  if (thrown instanceof BusError) return thrown;
  const kind = errorKind(thrown);
  const sqlState = thrown instanceof DatabaseError ? thrown.code : undefined;
  return new BusError(busCode(kind, sqlState), `postgres could not ${what}: ${reasonOf(thrown)}`, {
    // a value that was refused may be in what the server says of it
    ...(kind !== "value" && { cause: thrown }),
    retryable: kind === "moment",
    details: sqlState === undefined ? {} : { sqlState },
  });
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // several addresses were tried: the error of each is inside
  if (thrown instanceof AggregateError && thrown.message === "") return thrown.errors.map(reasonOf).join(", ");
  if (!(thrown instanceof DatabaseError)) return thrown.message;
  // of a constraint the server quotes its name, of malformed data the data
  const message = thrown.code?.startsWith("22") ? thrown.message.replace(/: .*$/s, "").replace(/".*"/s, '"…"') : thrown.message;
  return `${message} (${thrown.code})`;
}

function busCode(kind: ErrorKind, sqlState: string | undefined): BusError["code"] {
  if (sqlState === INSUFFICIENT_PRIVILEGE) return "not_authorized";
  if (sqlState?.startsWith("28")) return "not_authenticated";
  if (kind === "value") return "malformed_message";
  return kind === "setup" ? "invalid_options" : "transport_failed";
}
