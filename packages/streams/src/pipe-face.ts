import { BusError, type Delivery } from "@org/bus-core";
import { type ConsumptionFace, settle } from "@org/bus-core/internal";
import { type Observable, Subject } from "rxjs";
import type { DeliveryOperator } from "./message-stream.js";

/** Any operator from delivery to delivery. */
export type AnyOperator = DeliveryOperator<never, unknown>;

/** Shows the engine to RxJS: every opening subscribes the operators anew; what comes out at the end is settled. */
export function pipeFace(operators: readonly AnyOperator[]): ConsumptionFace {
  return {
    open(control) {
      const source = new Subject<Delivery<unknown>>();
      const subscription = operators.reduce(through, source).subscribe({
        next(delivery) {
          try {
            settle(delivery);
          } catch (error) {
            // RxJS reports what an observer throws as unhandled
            control.fail(BusError.from(error, "handler_failed"));
          }
        },
        error: (error: unknown) => control.fail(BusError.from(error, "handler_failed")),
        complete: () => control.fail(completed()),
      });
      return {
        next: (delivery) => source.next(delivery),
        close: () => subscription.unsubscribe(),
      };
    },
  };
}

function through(source: Observable<Delivery<unknown>>, operator: AnyOperator): Observable<Delivery<unknown>> {
  // `MessageStream.pipe` has checked that the operator takes what its predecessor yields
  return operator(source as Observable<Delivery<never>>);
}

function completed(): BusError {
  return new BusError("handler_failed", "an operator completed the pipe (take, first, takeUntil, …); a stream ends by close()", { retryable: true });
}
