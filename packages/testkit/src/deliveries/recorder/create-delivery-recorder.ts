import type { Delivery, Transport } from "@org/bus-core";
import { type CheckDeliveriesOptions, checkDeliveries, type DeliveriesReport } from "../check-deliveries.js";
import type { DeliveryEvent, Work } from "../event.js";
import { keyText } from "../key-text.js";
import { History } from "./history.js";
import { observeTransport } from "./observe-transport.js";

/** A handler, or the function of an operator. */
export type ObservedHandler<T, Result> = (value: T, delivery: Delivery<T>) => Result | Promise<Result>;

/** Notes what happens to records while a test runs, in one process or in several members of a group that a test plays. */
export interface DeliveryRecorder {
  /** Everything noted, in order. */
  readonly events: readonly DeliveryEvent[];
  /**
   * A transport that notes, for `topics`, what it was seen to acknowledge, to hand over, to take away and to commit, and which of their records became
   * dead letters. It is otherwise the same. A dead-letter topic should not be among them, unless it is handled too.
   */
  transport(transport: Transport, topics: readonly string[]): Transport;
  /** A handler that notes when it starts and how it ends: a rejection is `failed`. What it answers is kept. */
  handler<T, Result>(handle: ObservedHandler<T, Result>): ObservedHandler<T, Result>;
  /** The same for the function of an operator: `stage` tells it from others of the pipe, and more comes after it. */
  stage<T, Result>(stage: string, handle: ObservedHandler<T, Result>): ObservedHandler<T, Result>;
  /** For what the recorder cannot see: a record that reached the end of a pipe is `ended` and `settled`. */
  note(event: DeliveryEvent): void;
  /** A recorder of the same events for another process that the test plays. @default "main" is the first */
  member(name: string): DeliveryRecorder;
  /** The process of this recorder is gone, as by `transport.crash()`: what its remains do is noted no more. */
  crashed(): void;
  check(options?: CheckDeliveriesOptions): DeliveriesReport;
}

/**
 * Creates a recorder that has noted nothing.
 *
 * @param onEvent sees every event when it is noted: to print it, or to act on it
 */
export function createDeliveryRecorder(onEvent: (event: DeliveryEvent) => void = () => {}): DeliveryRecorder {
  return recorderOf("main", new History(onEvent));
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
      const failed = (error: unknown): never => {
        history.note({ kind: "ended", outcome: "failed", ...work });
        throw error;
      };
      const ended = (result: Result): Result => {
        history.note({ kind: "ended", outcome, ...work });
        return result;
      };
      history.note({ kind: "started", ...work });
      try {
        const result = handle(value, delivery);
        return result instanceof Promise ? result.then(ended, failed) : ended(result);
      } catch (error) {
        return failed(error);
      }
    };
  };
  return {
    events: history.events,
    note: (event) => history.note(event),
    check: (options) => checkDeliveries(history.events, options),
    transport: (transport, topics) => observeTransport(transport, new Set(topics), member, history),
    handler: (handle) => observe(handle, {}, "settled"),
    stage: (stage, handle) => observe(handle, { stage }, "passed"),
    member: (name) => recorderOf(name, history),
    crashed: () => history.note({ kind: "crashed", member }),
  };
}
