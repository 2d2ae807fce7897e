import type { Clock } from "../clock.js";
import type { ConsumerTracing } from "../context/process-span.js";
import type { Logger } from "../logger.js";
import type { Publisher } from "../publish/publisher.js";
import type { Transport } from "../transport/transport.js";
import type { OpenConsumptions } from "./open-consumptions.js";

/** What the engine works with; a bus has one of each. @internal */
export interface ConsumeDependencies {
  readonly transport: Transport;
  readonly publisher: Publisher;
  readonly tracing: ConsumerTracing;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The consumptions of the bus; it closes them with itself. */
  readonly consumptions: OpenConsumptions;
  /** Of backoff jitter: at least 0, below 1. @default Math.random */
  readonly random?: () => number;
}
