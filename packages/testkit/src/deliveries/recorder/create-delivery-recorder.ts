import { type Clock, type Delivery, systemClock, type Transport } from "@org/bus-core";
import { type CheckDeliveriesOptions, checkDeliveries, type DeliveriesReport } from "../check-deliveries.js";
import type { DeliveryEvent, Work } from "../event.js";
import { keyText } from "../key-text.js";
import { History } from "./history.js";
import { observeTransport } from "./observe-transport.js";

/** A handler, or the function of an operator. */
export type ObservedHandler<T, Result> = (value: T, delivery: Delivery<T>) => Result | Promise<Result>;

/** The function of an operator that works on batches. */
export type ObservedBatchHandler<T, Outcome> = (
  values: readonly T[],
  deliveries: readonly Delivery<T>[],
) => readonly Outcome[] | Promise<readonly Outcome[]>;

/** Notes what happens to records while a test runs, in one process or in several members of a group that a test plays. */
export interface DeliveryRecorder {
  /** Everything noted, in order. */
  readonly events: readonly DeliveryEvent[];
  /**
   * A transport that notes, for `topics`, what it was seen to acknowledge, to hand over, to take away and to commit, and which of their records became
   * dead letters. It is otherwise the same. A dead-letter topic should not be among them, unless it is handled too.
   */
  transport(transport: Transport, topics: readonly string[]): Transport;
  /** A handler that notes when it starts and how it ends: `failed` when it rejects, or its signal has fired. What it answers is kept. */
  handler<T, Result>(handle: ObservedHandler<T, Result>): ObservedHandler<T, Result>;
  /** The same for the function of an operator: `stage` tells it from others of the pipe, and more comes after it. */
  stage<T, Result>(stage: string, handle: ObservedHandler<T, Result>): ObservedHandler<T, Result>;
  /** The same for a function that takes several records at once, as that of `mapKeyedBatches`; it says of each what came of it. */
  batch<T, Outcome extends { readonly ok: boolean }>(handle: ObservedBatchHandler<T, Outcome>): ObservedBatchHandler<T, Outcome>;
  /** For what the recorder cannot see: a record that reached the end of a pipe is `ended` and `settled`. */
  note(event: DeliveryEvent): void;
  /** A recorder of the same events for another process that the test plays. @default "main" is the first */
  member(name: string): DeliveryRecorder;
  /** To be called just before the streams of this process are closed: nothing new may begin from then on. */
  closing(): void;
  /** The process of this recorder is gone, as by `transport.crash()`: what its remains do is noted no more. */
  crashed(): void;
  check(options?: CheckDeliveriesOptions): DeliveriesReport;
}

export interface DeliveryRecorderOptions {
  /** Time of the events that have one. @default the system's */
  readonly clock?: Pick<Clock, "now">;
  /** Sees every event when it is noted: to print it, or to act on it. */
  readonly onEvent?: (event: DeliveryEvent) => void;
}

/** Creates a recorder that has noted nothing. */
export function createDeliveryRecorder({ clock = systemClock, onEvent = () => {} }: DeliveryRecorderOptions = {}): DeliveryRecorder {
  return recorderOf("main", new History(clock, onEvent));
}

function recorderOf(member: string, history: History): DeliveryRecorder {
  const workOf = ({ topic, partition, offset, key, headers }: Delivery<unknown>): Work => {
    const { assignment } = history.assignmentOf(headers) ?? {};
    return { topic, partition, offset, key: keyText(key), member, ...(assignment === undefined ? {} : { assignment }) };
  };
  const observe = <T, Result>(
    handle: ObservedHandler<T, Result>,
    at: Pick<Work, "stage">,
    outcome: "settled" | "passed",
  ): ObservedHandler<T, Result> => {
    return (value, delivery) => {
      const work = { ...workOf(delivery), ...at };
      const ended = (how: typeof outcome | "failed") => history.note({ kind: "ended", outcome: how, ...work });
      history.note({ kind: "started", ...work, atMs: history.now() });
      try {
        const result = handle(value, delivery);
        if (!(result instanceof Promise)) {
          ended(outcome);
          return result;
        }
        // what it comes to does not count when its signal has fired: the record comes again
        const { signal } = delivery;
        return result.then(
          (answer) => {
            ended(signal.aborted ? "failed" : outcome);
            return answer;
          },
          (error: unknown) => {
            ended("failed");
            throw error;
          },
        );
      } catch (error) {
        ended("failed");
        throw error;
      }
    };
  };
  const batch = <T, Outcome extends { readonly ok: boolean }>(handle: ObservedBatchHandler<T, Outcome>): ObservedBatchHandler<T, Outcome> => {
    return async (values, deliveries) => {
      const call = history.nextCall();
      const works = deliveries.map((delivery) => ({ ...workOf(delivery), call }));
      for (const work of works) history.note({ kind: "started", ...work, atMs: history.now() });
      let outcomes: readonly Outcome[] = [];
      const answer = handle(values, deliveries);
      const signals = deliveries.map(({ signal }) => signal);
      try {
        outcomes = await answer;
        return outcomes;
      } finally {
        for (const [index, work] of works.entries()) {
          const settled = outcomes[index]?.ok === true && signals[index]?.aborted !== true;
          history.note({ kind: "ended", outcome: settled ? "settled" : "failed", ...work });
        }
      }
    };
  };
  return {
    events: history.events,
    note: (event) => history.note(event),
    check: (options) => checkDeliveries(history.events, options),
    transport: (transport, topics) => observeTransport(transport, new Set(topics), member, history),
    handler: (handle) => observe(handle, {}, "settled"),
    batch,
    stage: (stage, handle) => observe(handle, { stage }, "passed"),
    member: (name) => recorderOf(name, history),
    closing: () => history.closing(member),
    crashed: () => history.note({ kind: "crashed", member }),
  };
}
