import { BusError } from "../../errors.js";
import type { EngineDelivery } from "../delivery/engine-delivery.js";
import { isPromiseLike } from "./promise-like.js";

export interface TryLimit {
  /** What runs, for the error: `mapKeyed`. */
  readonly name: string;
  /** undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
  /** The time is over, and the work goes on. */
  readonly onOverdue: () => void;
}

/**
 * One try of `work` on deliveries of one key. When its time is over their signals fire; the try fails with `timed_out`, but only when the work has ended: its key and
 * its slot are not free before.
 */
export function limitTry<Out>(
  deliveries: readonly EngineDelivery<unknown>[],
  { name, timeoutMs, onOverdue }: TryLimit,
  work: () => Out | PromiseLike<Out>,
): Out | PromiseLike<Out> {
  const [first] = deliveries;
  if (timeoutMs === undefined || first === undefined) return work();
  const expiry = new AbortController();
  for (const delivery of deliveries) delivery.limitBy(expiry.signal);
  const { clock } = first.run;
  const cancel = clock.schedule(timeoutMs, () => {
    onOverdue();
    expiry.abort(timedOut(first, name, timeoutMs));
  });
  const end = () => {
    cancel();
    for (const delivery of deliveries) delivery.limitBy(undefined);
  };
  let result: Out | PromiseLike<Out>;
  try {
    result = work();
  } catch (error) {
    end();
    throw error;
  }
  if (!isPromiseLike(result)) {
    end();
    return result;
  }
  return result.then(
    (value) => {
      end();
      if (expiry.signal.aborted) throw expiry.signal.reason;
      return value;
    },
    (error: unknown) => {
      end();
      throw expiry.signal.aborted ? timedOut(first, name, timeoutMs, error) : error;
    },
  );
}

function timedOut({ topic, partition, offset }: EngineDelivery<unknown>, name: string, timeoutMs: number, cause?: unknown): BusError {
  return new BusError("timed_out", `${name} took longer than handlerTimeoutMs ${timeoutMs} on ${topic}[${partition}] offset ${offset}`, {
    cause,
    retryable: true,
    details: { topic, partition, offset, timeoutMs },
  });
}
