import type { WriteOutcome } from "@org/bus-connect";
import { written } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { retryAfterMs } from "../http/retry-after.js";
import type { HttpAnswer } from "./options.js";

/** Passing faults of the caller's side: too slow, too early, too many. */
const retriable = new Set([408, 425, 429]);
/** Of a body that the server has understood and does not take: one record of it may be the reason. */
const refusesBody = new Set([400, 413, 422]);

/** What an answer says of the records that were sent. */
export function outcomeOf({ status, headers }: HttpAnswer, url: string, nowMs: number): WriteOutcome {
  if (status >= 200 && status < 300) return written;
  const mayPass = status >= 500 || retriable.has(status);
  // never what the answer says: it may quote what was sent
  const error = new BusError("transport_failed", `${url} answered ${status}`, { retryable: mayPass, details: { status } });
  if (!mayPass) return { status: "rejected", error };
  const after = retryAfterMs(headers["retry-after"], nowMs);
  return { status: "retriable", error, ...(after !== undefined && { retryAfterMs: after }) };
}

/** Whether the records of a refused body should be sent in halves, to find the one that is refused. */
export function isWorthHalving({ status }: HttpAnswer, records: number): boolean {
  return records > 1 && refusesBody.has(status);
}
