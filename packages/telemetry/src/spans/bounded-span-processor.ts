import { TraceFlags } from "@opentelemetry/api";
import {
  BatchSpanProcessor,
  type BatchSpanProcessorOptions,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "@org/bus-core";
import { processInstruments } from "../event-loop/watch-event-loop.js";

/** How often it is logged at most that spans are dropped. */
const logEveryMs = 60_000;

export interface BoundedOptions extends Pick<BatchSpanProcessorOptions, "scheduledDelayMillis" | "exportTimeoutMillis"> {
  readonly exporter: SpanExporter;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly logger: Logger;
}

/** The batch processor of OpenTelemetry, which drops what its queue has no room for in silence; here that is counted and logged. */
export class BoundedSpanProcessor implements SpanProcessor {
  readonly #batches: BatchSpanProcessor;
  readonly #maxQueueSize: number;
  readonly #logger: Logger;
  #queued = 0;
  #dropped = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor({ exporter, logger, ...options }: BoundedOptions) {
    this.#maxQueueSize = options.maxQueueSize;
    this.#logger = logger;
    this.#batches = new BatchSpanProcessor({ ...options, exporter: this.#counted(exporter) });
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.#queued >= this.#maxQueueSize) this.#drop();
    else {
      this.#queued++;
      this.#batches.onEnd(span);
    }
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown();
  }

  /** What is handed to the exporter is in the queue no more. */
  #counted(exporter: SpanExporter): SpanExporter {
    return {
      export: (spans, done) => {
        this.#queued -= spans.length;
        exporter.export(spans, done);
      },
      forceFlush: async () => await exporter.forceFlush?.(),
      shutdown: () => exporter.shutdown(),
    };
  }

  #drop(): void {
    processInstruments()?.spansDropped.add(1);
    this.#dropped++;
    const now = performance.now();
    if (now - this.#loggedAt < logEveryMs) return;
    this.#loggedAt = now;
    const fields = { dropped: this.#dropped, queue: this.#maxQueueSize };
    this.#logger.warn(
      fields,
      "spans end faster than they are exported and are dropped (logged once a minute); sample (OTEL_TRACES_SAMPLER=parentbased_traceidratio, OTEL_TRACES_SAMPLER_ARG=0.1), or raise OTEL_BSP_MAX_QUEUE_SIZE",
    );
  }
}
