import type { Consumption, Delivery } from "@org/bus-core";
import type { ExactlyOnceOptions } from "@org/bus-core/internal";
import type { OperatorFunction } from "rxjs";

/** An operator that a pipe takes: what goes in is a delivery, and so is what comes out. */
export type DeliveryOperator<In, Out> = OperatorFunction<Delivery<In>, Delivery<Out>>;

/** The steps that the messages of a stream take. Immutable and cold: nothing is read before `run`, and every `run` has its own state. */
export interface MessageStream<T> {
  /**
   * What `publishTo` writes, the dead letters and the offsets of the source go into transactions: whatever happens, the result of each message is there
   * once for consumers that read committed records, as all of this library do. A message that becomes a dead letter publishes nothing else.
   * What the functions of a pipe do elsewhere, `bus.publish` included, is not a part of it and may be repeated. `run()` throws `unsupported` on a
   * transport without transactions, and a message that `batchMessages` made of several partitions cannot be published: the stream stops.
   *
   * @throws {BusError} `invalid_options`
   */
  exactlyOnce(options?: ExactlyOnceOptions): MessageStream<T>;
  /** Starts consuming. A delivery that reaches the end of the pipe is settled. */
  run(): Consumption;
  /**
   * Appends operators; for more than ten, call it again. Those of this package settle what they remove, and what fails in them goes to
   * the failure policy of the stream. Other RxJS operators may stand between them if they drop no delivery (`filterMessages`, not
   * `filter`) and make none; one that errors or completes restarts the stream, and what it held is delivered again.
   */
  pipe(): MessageStream<T>;
  pipe<A>(op1: DeliveryOperator<T, A>): MessageStream<A>;
  pipe<A, B>(op1: DeliveryOperator<T, A>, op2: DeliveryOperator<A, B>): MessageStream<B>;
  pipe<A, B, C>(op1: DeliveryOperator<T, A>, op2: DeliveryOperator<A, B>, op3: DeliveryOperator<B, C>): MessageStream<C>;
  pipe<A, B, C, D>(
    op1: DeliveryOperator<T, A>,
    op2: DeliveryOperator<A, B>,
    op3: DeliveryOperator<B, C>,
    op4: DeliveryOperator<C, D>,
  ): MessageStream<D>;
  pipe<A, B, C, D, E>(
    op1: DeliveryOperator<T, A>,
    op2: DeliveryOperator<A, B>,
    op3: DeliveryOperator<B, C>,
    op4: DeliveryOperator<C, D>,
    op5: DeliveryOperator<D, E>,
  ): MessageStream<E>;
  pipe<A, B, C, D, E, F>(
    op1: DeliveryOperator<T, A>,
    op2: DeliveryOperator<A, B>,
    op3: DeliveryOperator<B, C>,
    op4: DeliveryOperator<C, D>,
    op5: DeliveryOperator<D, E>,
    op6: DeliveryOperator<E, F>,
  ): MessageStream<F>;
  pipe<A, B, C, D, E, F, G>(
    op1: DeliveryOperator<T, A>,
    op2: DeliveryOperator<A, B>,
    op3: DeliveryOperator<B, C>,
    op4: DeliveryOperator<C, D>,
    op5: DeliveryOperator<D, E>,
    op6: DeliveryOperator<E, F>,
    op7: DeliveryOperator<F, G>,
  ): MessageStream<G>;
  pipe<A, B, C, D, E, F, G, H>(
    op1: DeliveryOperator<T, A>,
    op2: DeliveryOperator<A, B>,
    op3: DeliveryOperator<B, C>,
    op4: DeliveryOperator<C, D>,
    op5: DeliveryOperator<D, E>,
    op6: DeliveryOperator<E, F>,
    op7: DeliveryOperator<F, G>,
    op8: DeliveryOperator<G, H>,
  ): MessageStream<H>;
  pipe<A, B, C, D, E, F, G, H, I>(
    op1: DeliveryOperator<T, A>,
    op2: DeliveryOperator<A, B>,
    op3: DeliveryOperator<B, C>,
    op4: DeliveryOperator<C, D>,
    op5: DeliveryOperator<D, E>,
    op6: DeliveryOperator<E, F>,
    op7: DeliveryOperator<F, G>,
    op8: DeliveryOperator<G, H>,
    op9: DeliveryOperator<H, I>,
  ): MessageStream<I>;
  pipe<A, B, C, D, E, F, G, H, I, J>(
    op1: DeliveryOperator<T, A>,
    op2: DeliveryOperator<A, B>,
    op3: DeliveryOperator<B, C>,
    op4: DeliveryOperator<C, D>,
    op5: DeliveryOperator<D, E>,
    op6: DeliveryOperator<E, F>,
    op7: DeliveryOperator<F, G>,
    op8: DeliveryOperator<G, H>,
    op9: DeliveryOperator<H, I>,
    op10: DeliveryOperator<I, J>,
  ): MessageStream<J>;
}
