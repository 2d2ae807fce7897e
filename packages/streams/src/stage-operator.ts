import { BusError, type Delivery } from "@org/bus-core";
import {
  type BatchStageOptions,
  type BatchStageWork,
  createBatchStage,
  createStage,
  derive,
  type Stage,
  type StageOptions,
} from "@org/bus-core/internal";
import { Observable, type Subscriber } from "rxjs";
import type { DeliveryOperator } from "./message-stream.js";

/** What an operator does with a message and what came of it: passes on, derives or settles. */
export type Conclude<In, Result, Out> = (delivery: Delivery<In>, result: Result, next: (delivery: Delivery<Out>) => void) => void;

/**
 * An operator whose user code runs in a stage of the engine, which keeps the order and follows the failure policy.
 *
 * @throws {BusError} `invalid_options` when `fn` is no function
 */
export function stageOperator<In, Result, Out>(
  options: StageOptions<In>,
  fn: (value: In, delivery: Delivery<In>) => Result | PromiseLike<Result>,
  conclude: Conclude<In, Result, Out>,
): DeliveryOperator<In, Out> {
  if (typeof fn !== "function") throw new BusError("invalid_options", `${options.name} needs a function to call, has ${typeof fn}`);
  return throughStage((subscriber) => {
    const next = (delivery: Delivery<Out>) => subscriber.next(delivery);
    return createStage(
      { ...options, functionName: fn.name },
      (delivery: Delivery<In>) => fn(delivery.value, delivery),
      (delivery, result) => conclude(delivery, result, next),
    );
  });
}

/** As `stageOperator`, for all that waits for a key at once; each delivery goes on with the value of its outcome. */
export function batchStageOperator<In, Out>(options: BatchStageOptions<In>, work: BatchStageWork<In, Out>): DeliveryOperator<In, Out> {
  return throughStage((subscriber) => createBatchStage(options, work, (delivery, value) => subscriber.next(derive(delivery, value))));
}

/** A stage for each subscription, so that a stream that restarts begins with nothing. */
export function throughStage<In, Out>(openStage: (subscriber: Subscriber<Delivery<Out>>) => Stage<In>): DeliveryOperator<In, Out> {
  return (source) =>
    new Observable((subscriber) => {
      const stage = openStage(subscriber);
      return source.subscribe({
        next(delivery) {
          try {
            stage.push(delivery);
          } catch (error) {
            // RxJS reports what an observer throws as unhandled instead of passing it down
            subscriber.error(error);
          }
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

/** For an operator that keeps the order of each key and limits nothing else. */
export function inKeyOrder(name: string): { readonly name: string; readonly concurrency: number; readonly order: "key" } {
  return { name, concurrency: Number.POSITIVE_INFINITY, order: "key" };
}
