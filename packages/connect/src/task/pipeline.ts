import type { AnyContract, Delivery } from "@org/bus-core";
import type { ConsumptionFace } from "@org/bus-core/internal";
import { contractsOf } from "../define/contracts-of.js";
import type { ResolvedConnector } from "../define/options.js";
import { BatchTransform } from "../transform/batch.js";
import type { Transform } from "../transform/transform.js";
import { batchStep } from "./batch-step.js";
import type { Output } from "./output.js";
import type { RecordDelivery, Step } from "./step.js";
import { transformStep } from "./transform-step.js";

const stepOf = (transform: Transform<unknown, unknown>, contracts: readonly AnyContract[], next: Step): Step =>
  transform instanceof BatchTransform ? batchStep(transform, next) : transformStep(transform, contracts, next);

/** What runs on the engine: the transforms, then the output. Each run has its own steps, which hold nothing of an earlier one. */
export function pipeline(connector: ResolvedConnector, output: Output, toRecord: (delivery: Delivery<unknown>) => RecordDelivery): ConsumptionFace {
  const contracts = contractsOf(connector);
  return {
    open() {
      const first = connector.transforms.reduceRight<Step>((next, transform) => stepOf(transform, contracts, next), output.open());
      return { next: (delivery) => first(toRecord(delivery)), close() {} };
    },
  };
}
