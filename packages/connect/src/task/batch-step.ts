import type { Delivery } from "@org/bus-core";
import { createGatherStage, join } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import type { BatchTransform } from "../transform/batch.js";
import type { Step } from "./step.js";

/** Runs `batch` in a stage of the engine that gathers. */
export function batchStep(transform: BatchTransform<unknown>, next: Step): Step {
  const { maxRecords, maxWaitMs } = transform.limits;
  const options = { name: `transform ${transform.name}`, maxSize: maxRecords, maxWaitMs };
  const stage = createGatherStage<ConnectRecord<unknown>>(options, (gathered: readonly Delivery<ConnectRecord<unknown>>[]) => {
    for (const record of transform.put(gathered.map(({ value }) => value))) next(join(gathered, record));
  });
  return (delivery) => stage.push(delivery);
}
