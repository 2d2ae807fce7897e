import type { AnyContract } from "@org/bus-core";
import { createStage, derive, fanOut, isPromiseLike } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import type { Transform } from "../transform/transform.js";
import type { RecordDelivery, Step } from "./step.js";
import { tellable } from "./tellable.js";
import { lastingUnlessRetryable } from "./write/classify.js";

type Records = readonly ConnectRecord<unknown>[];

/** @throws {TypeError} for what is no list */
function records(made: Records): Records {
  if (Array.isArray(made)) return made;
  throw new TypeError(`it answered ${typeof made}; it must answer a list of records, which may be empty`);
}

/**
 * Runs a transform in a stage of the engine: order, retries and failure policy are the engine's.
 *
 * @param contracts those that the connector knows
 */
export function transformStep(transform: Transform<unknown, unknown>, contracts: readonly AnyContract[], next: Step): Step {
  const { name, concurrency = 1 } = transform;
  const fail = ({ value }: RecordDelivery, error: unknown): never => {
    throw lastingUnlessRetryable(tellable(error, contracts, [value]), `transform ${name} failed on ${value.id}`);
  };
  const stage = createStage<ConnectRecord<unknown>, Records>(
    // one at a time keeps all in the order of the source
    { name: `transform ${name}`, concurrency, order: concurrency === 1 ? "partition" : "key", keyOf: ({ value }) => value.key },
    (delivery) => {
      try {
        const made = transform.apply(delivery.value, delivery.signal);
        return isPromiseLike(made)
          ? Promise.resolve(made)
              .then(records)
              .catch((error: unknown) => fail(delivery, error))
          : records(made);
      } catch (error) {
        return fail(delivery, error);
      }
    },
    (delivery, made) => {
      const [only] = made;
      if (made.length === 1 && only !== undefined) next(derive(delivery, only));
      else for (const one of fanOut(delivery, made)) next(one);
    },
  );
  return (delivery) => stage.push(delivery);
}
