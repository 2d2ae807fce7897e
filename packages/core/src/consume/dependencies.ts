import type { Clock } from "../clock.js";
import type { ProcessSpan } from "../context/process-span.js";
import type { Logger } from "../logger.js";
import type { Publisher } from "../publish/publisher.js";
import type { IncomingRecord } from "../transport/record.js";
import type { Transport } from "../transport/transport.js";
import type { OpenConsumptions } from "./open-consumptions.js";

export interface ProcessInfo {
  readonly group: string;
  /** Full name of the message. */
  readonly typeName: string;
  /** The key is a sensitive field. */
  readonly keyIsSensitive: boolean;
}

/** Starts the span of a delivery when its first handler does. @internal */
export interface ConsumerTracing {
  startProcessSpan(record: IncomingRecord, info: ProcessInfo): ProcessSpan;
}

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
