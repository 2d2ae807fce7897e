import type { AnyContract, DeliveredOf } from "../contract/contract.js";
import { BusError } from "../errors.js";
import { resolveOptions } from "../options.js";
import type { Consumption } from "./consumption.js";
import type { Delivery } from "./delivery/delivery.js";
import { settle } from "./delivery/engine-delivery.js";
import type { ConsumeDependencies } from "./dependencies.js";
import { openConsumption } from "./open-consumption.js";
import { type HandlerOptions, handlerOptions } from "./options.js";
import { createStage } from "./stage/create-stage.js";

/** `bus.consume`: the engine with one stage. */
export function consume<C extends AnyContract>(
  dependencies: ConsumeDependencies,
  contracts: C | readonly C[],
  options: HandlerOptions,
  handler: (value: DeliveredOf<C>, delivery: Delivery<DeliveredOf<C>>) => unknown,
): Consumption {
  if (typeof handler !== "function")
    throw new BusError("invalid_options", `consume: handler must be a function, is ${handler === null ? "null" : typeof handler}`);
  const { concurrency, order, handlerTimeoutMs, ...rest } = resolveOptions("consume", handlerOptions, options);
  const list: readonly C[] = Array.isArray(contracts) ? contracts : [contracts];
  return openConsumption(dependencies, list, rest, {
    open() {
      const stage = createStage<DeliveredOf<C>, unknown>(
        { name: "handler", functionName: handler.name, concurrency, order, handlerTimeoutMs },
        (delivery) => handler(delivery.value, delivery),
        (delivery) => settle(delivery),
      );
      // the contracts of the stream decoded the value
      return { next: (delivery) => stage.push(delivery as Delivery<DeliveredOf<C>>), close() {} };
    },
  });
}
