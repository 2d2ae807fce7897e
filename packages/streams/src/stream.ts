import type { AnyContract, Bus, ConsumeOptions, Consumption, DeliveredOf } from "@org/bus-core";
import { busInternals, consumeOptions, openConsumption, resolveOptions } from "@org/bus-core/internal";
import type { MessageStream } from "./message-stream.js";
import { type AnyOperator, pipeFace } from "./pipe-face.js";

/**
 * The messages of one contract or of several (`delivery.is` tells them apart), read as a member of a consumer group.
 *
 * @example
 * const alerts = stream(bus, QuakeReported, { group: "quake-alerts" })
 *   .pipe(filterMessages((quake) => quake.magnitude >= 4.5), mapKeyed(assess, { concurrency: 64 }), publishTo(QuakeAlert))
 *   .run();
 *
 * @throws {BusError} `invalid_options`; `run()` also, for contracts without a topic, and `closed`
 */
export function stream<C extends AnyContract>(bus: Bus, contracts: C | readonly C[], options: ConsumeOptions): MessageStream<DeliveredOf<C>> {
  const resolved = resolveOptions("stream", consumeOptions, options);
  const list: readonly C[] = Array.isArray(contracts) ? contracts : [contracts];
  return messageStream([], (operators) => openConsumption(busInternals(bus), list, resolved, pipeFace(operators)));
}

/** Of no element type: `MessageStream` checks at each `pipe` that the operators fit together. */
function messageStream(operators: readonly AnyOperator[], run: (operators: readonly AnyOperator[]) => Consumption): MessageStream<never> {
  return {
    pipe: (...more: readonly AnyOperator[]) => messageStream([...operators, ...more], run),
    run: () => run(operators),
  };
}
