import { context, propagation } from "@opentelemetry/api";
import type { Delivery } from "@org/bus-core";

const entry = "quakes.run";

/**
 * Everything that `publish` publishes, and all that comes of it on later hops, carries `runId` in its baggage.
 *
 * @throws {Error} where OpenTelemetry is set up without baggage, by OTEL_SDK_DISABLED or OTEL_PROPAGATORS
 */
export function inRun<T>(runId: string, publish: () => T): T {
  if (!propagation.fields().includes("baggage")) throw new Error("no baggage: unset OTEL_SDK_DISABLED and have baggage in OTEL_PROPAGATORS");
  const baggage = propagation.createBaggage({ [entry]: { value: runId } });
  return context.with(propagation.setBaggage(context.active(), baggage), publish);
}

/** The run that a message came of. A Kafka that lives longer than a run may still hold messages of earlier ones. */
export function runIdOf(delivery: Delivery<unknown>): string | undefined {
  return propagation.getBaggage(delivery.context)?.getEntry(entry)?.value;
}
