import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";

const statusOf = (error: unknown): number | undefined => {
  const metadata = (Object(error) as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata;
  return metadata?.httpStatusCode;
};

/** Whether there is no such object. */
export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** Whether an object was not as the condition of the request had it. */
export function isConditionBroken(error: unknown): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409;
}

/** What a store has answered, as something that may pass or not. */
export function toBusError(error: unknown, bucket: string): BusError {
  if (error instanceof BusError) return error;
  const status = statusOf(error);
  const name = error instanceof Error ? error.name : "";
  if (name === "NoSuchBucket" || (status === 404 && name === "NotFound")) {
    return new BusError("invalid_options", `the bucket ${bucket} is not there, make it or name another`, { cause: error });
  }
  if (status === 401 || status === 403) {
    return new BusError("not_authorized", `the bucket ${bucket} may not be used with these credentials (${name})`, { cause: error });
  }
  const retryable = status === undefined || status >= 500 || status === 429 || status === 408 || isConditionBroken(error);
  return new BusError("transport_failed", `the store of ${bucket} did not do it: ${messageOf(error)}`, { cause: error, retryable });
}
