import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";

/** A fault that may pass: the engine tries again what failed with it. */
export function passing(error: unknown, what: string): BusError {
  if (error instanceof BusError && error.retryable) return error;
  return new BusError("handler_failed", `${what}: ${messageOf(error)}`, { cause: error, retryable: true });
}

/** A fault of the record: the failure policy has its turn at once. */
export function lasting(error: unknown, what: string): BusError {
  if (error instanceof BusError && !error.retryable) return error;
  return new BusError("handler_failed", `${what}: ${messageOf(error)}`, { cause: error });
}

/** What user code threw, unless it says itself that another try makes sense. */
export function lastingUnlessRetryable(error: unknown, what: string): BusError {
  return error instanceof BusError && error.retryable ? error : lasting(error, what);
}

/** What a system threw, unless it says itself that another try makes no sense. */
export function passingUnlessLasting(error: unknown, what: string): BusError {
  return error instanceof BusError && !error.retryable ? error : passing(error, what);
}
