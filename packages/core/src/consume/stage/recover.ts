import { context } from "@opentelemetry/api";
import { BusError, type BusErrorCode, legible, messageOf } from "../../errors.js";
import type { IncomingRecord, OutgoingRecord } from "../../transport/record.js";
import type { EngineDelivery } from "../delivery/engine-delivery.js";
import { decodeStage } from "./stage.js";
import type { Task } from "./task.js";
import { withoutSensitive } from "./withheld-error.js";

export type Recovered<Out> = { readonly ok: true; readonly value: Out } | { readonly ok: false };

/** They say nothing of the record: the cluster was out of reach, or the end of the stream came in between. */
const passing: ReadonlySet<BusErrorCode> = new Set(["transport_failed", "aborted", "closed", "fenced"]);
const gone: Recovered<never> = { ok: false };

/**
 * From the first failure of a delivery to its end: further tries, then what the failure policy says. Its key is held meanwhile, and its slot too:
 * when what all handlers call is down, the stream slows down instead of failing everything that waits. A delivery that does not come out of
 * it was settled or given up.
 */
export async function recover<In, Out>(
  task: Task<In>,
  firstError: unknown,
  stageName: string,
  again: () => Out | PromiseLike<Out>,
): Promise<Recovered<Out>> {
  const { delivery } = task;
  const { clock, failure, metrics } = delivery.run;
  let error = tellable(delivery, firstError, stageName);
  for (;;) {
    task.lastError = error;
    const delayMs = failure.retryDelayMs(delivery.attempt, error);
    if (!delivery.mayStart) return abandon(delivery);
    if (delayMs === undefined) break;
    // a drain waits for work, not for the time between two tries
    if (!delivery.isActive) return abandon(delivery);
    for (const origin of delivery.origins) {
      origin.retried(delivery.attempt, error);
      metrics.retried(origin.record.topic, task.stage, error);
    }
    await pause(task, delayMs);
    if (!delivery.isActive) return abandon(delivery);
    delivery.attempt++;
    task.enter("running", clock.now());
    try {
      return { ok: true, value: await context.with(delivery.context, again) };
    } catch (next) {
      error = tellable(delivery, next, stageName);
    }
  }
  if (failure.stopsAfter(error)) {
    markFailed(task, error);
    delivery.run.stop(stopError(delivery, error, stageName));
    return abandon(delivery);
  }
  return deadLetter(task, error, stageName);
}

/** What went wrong, as it may be told from here on. Why bytes do not decode is told by the contract, which knows what is sensitive. */
function tellable(delivery: EngineDelivery<unknown>, thrown: unknown, stageName: string): unknown {
  const error = legible(thrown);
  if (stageName === decodeStage) return error;
  return withoutSensitive(
    error,
    delivery.origins.map(({ contract }) => contract),
  );
}

/** The records of the delivery are settled when their dead letters are acknowledged, and not before. */
async function deadLetter<In>(task: Task<In>, error: unknown, stage: string): Promise<Recovered<never>> {
  const { delivery } = task;
  const { clock, failure, logger, metrics } = delivery.run;
  const { attempt: attempts } = delivery;
  const write = async (record: IncomingRecord, keep?: (letter: OutgoingRecord) => void) => {
    await failure.deadLetters.write(record, { attempts, stage, error }, keep);
    metrics.deadLettered(record.topic, task.stage, error);
  };
  for (let failures = 1; ; failures++) {
    task.enter("deadLetter", clock.now());
    try {
      await context.with(delivery.context, () => Promise.all(delivery.origins.map((origin) => origin.deadLettered(write))));
      markFailed(task, error);
      delivery.release(true);
      return gone;
    } catch (writeError) {
      const reason = messageOf(writeError);
      task.lastError = new BusError("publish_failed", `the dead letter could not be written: ${reason}`, { cause: writeError });
      if (willNeverBeWritten(writeError)) {
        markFailed(task, error);
        delivery.run.stop(undeliverable(delivery, writeError));
        return abandon(delivery);
      }
      const { topic, partition, offset } = delivery;
      context.with(delivery.context, () =>
        logger.warn({ topic, partition, offset, failures, error: reason }, "a dead letter could not be written; it is tried again"),
      );
    }
    if (!delivery.isActive) return abandon(delivery);
    await pause(task, failure.delayMs(failures), "deadLetter");
    if (!delivery.isActive) return abandon(delivery);
  }
}

/**
 * Whether another try would meet the same: too large, no right to write there, the topic deleted, refused by the broker as invalid. To try that for
 * ever would hold the key in silence; to stop over what may pass would end the stream for a fault of the network. So what is final must be known to
 * be: neither retryable nor perhaps written, and an answer about the record. The publisher says `publish_failed` for all that the transport
 * gave up on; below it stands `publish_failed` again where the broker refused the record, and `transport_failed` where nobody answered.
 */
function willNeverBeWritten(error: unknown): boolean {
  if (!(error instanceof BusError) || error.retryable || error.mayHaveBeenWritten || passing.has(error.code)) return false;
  return error.code !== "publish_failed" || (error.cause instanceof BusError && error.cause.code === "publish_failed");
}

function abandon(delivery: EngineDelivery<unknown>): Recovered<never> {
  delivery.release(false);
  return gone;
}

function pause<In>(task: Task<In>, delayMs: number, state: "backoff" | "deadLetter" = "backoff"): Promise<void> {
  const { clock } = task.delivery.run;
  task.enter(state, clock.now());
  if (state === "backoff") task.dueAt = clock.now() + delayMs;
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      task.wake = undefined;
      task.dueAt = undefined;
      resolve();
    };
    const cancel = clock.schedule(delayMs, end);
    task.wake = end;
  });
}

/** The end of a delivery that no try has helped. */
function markFailed<In>(task: Task<In>, error: unknown): void {
  task.tellSpans();
  for (const origin of task.delivery.origins) origin.failed(error);
}

function undeliverable(delivery: EngineDelivery<unknown>, error: unknown): BusError {
  const { topic, partition, offset, run } = delivery;
  return new BusError(
    "handler_failed",
    `the dead letter of ${topic}[${partition}] offset ${offset} cannot be written, and without it the offset cannot be passed: ${messageOf(error)}`,
    { cause: error, details: { topic, partition, offset, group: run.group } },
  );
}

function stopError(delivery: EngineDelivery<unknown>, error: unknown, stageName: string): BusError {
  const { topic, partition, offset, attempt, run } = delivery;
  return new BusError(
    "handler_failed",
    `${stageName} failed on ${topic}[${partition}] offset ${offset} after ${attempt} ${attempt === 1 ? "attempt" : "attempts"}: ${messageOf(error)}`,
    { cause: error, details: { topic, partition, offset, group: run.group, attempts: attempt } },
  );
}
