import { type ReadableSpan, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { expect, it } from "vitest";
import { recordMetrics } from "../../../core/src/testing/recorded-metrics.js";
import { BoundedSpanProcessor } from "./bounded-span-processor.js";

const nothing = () => {};

it("drops what its queue has no room for, counts it and says so once, and takes spans again when there is room", async () => {
  await using metrics = recordMetrics();
  const warnings: [object, string][] = [];
  const exported: string[] = [];
  const running: (() => void)[] = [];
  const release = () => {
    for (const done of running.splice(0)) done();
  };
  const exporter: SpanExporter = {
    export(spans: ReadableSpan[], done) {
      exported.push(...spans.map(({ name }) => name));
      running.push(() => done({ code: 0 }));
    },
    shutdown: async () => {},
  };
  const processor = new BoundedSpanProcessor({
    exporter,
    maxQueueSize: 4,
    maxExportBatchSize: 2,
    scheduledDelayMillis: 3_600_000,
    logger: { debug: nothing, info: nothing, error: nothing, warn: (fields, text) => void warnings.push([fields, text]) },
  });
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer("test");
  const end = (name: string) => tracer.startSpan(name).end();
  // two are being exported, four wait, three are too many
  for (let index = 1; index <= 9; index++) end(`${index}`);
  expect(exported).toEqual(["1", "2"]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.[0]).toEqual({ dropped: 1, queue: 4 });
  release();
  await new Promise(setImmediate);
  end("10");
  const flushed = processor.forceFlush();
  release();
  await flushed;
  expect(exported).toEqual(["1", "2", "3", "4", "5", "6", "10"]);
  expect(warnings).toHaveLength(1);
  expect(await metrics.total("bus.process.spans.dropped")).toBe(3);
});
