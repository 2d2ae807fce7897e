import type { AnyContract, Bus, ConsumeOptions, Consumption, DeliveredOf } from "@org/bus-core";
import {
  busInternals,
  consumeOptions,
  exactlyOnceOptions,
  openConsumption,
  type ResolvedExactlyOnceOptions,
  resolveOptions,
} from "@org/bus-core/internal";
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
  return messageStream({ operators: [], exactlyOnce: undefined }, ({ operators, exactlyOnce }) =>
    openConsumption(busInternals(bus), list, { ...resolved, exactlyOnce }, pipeFace(operators)),
  );
}

interface Steps {
  readonly operators: readonly AnyOperator[];
  readonly exactlyOnce: ResolvedExactlyOnceOptions | undefined;
}

/** Of no element type: `MessageStream` checks at each `pipe` that the operators fit together. */
function messageStream(steps: Steps, run: (steps: Steps) => Consumption): MessageStream<never> {
  return {
    pipe: (...more: readonly AnyOperator[]) => messageStream({ ...steps, operators: [...steps.operators, ...more] }, run),
    exactlyOnce: (options = {}) => messageStream({ ...steps, exactlyOnce: resolveOptions("exactlyOnce", exactlyOnceOptions, options) }, run),
    run: () => run(steps),
  };
}
