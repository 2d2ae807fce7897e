import { z } from "zod";
import type { Sink } from "../sink/sink.js";
import type { Source } from "../source/source.js";
import type { Transform } from "../transform/transform.js";

const positive = z.number().int().min(1);
const milliseconds = z.number().min(0);

/** An object with a `name` and the methods `methods`; what they do is for its type to say. */
function part<T>(methods: readonly string[], what: string) {
  const fits = (value: unknown) => {
    if (typeof value !== "object" || value === null) return false;
    const object = value as Readonly<Record<string, unknown>>;
    return typeof object.name === "string" && methods.every((method) => typeof object[method] === "function");
  };
  return z.custom<T>(fits, { error: what });
}

export const failureOptions = z.strictObject({
  tolerate: z
    .enum(["none", "all"])
    .default("none")
    .describe("What to do with a record that fails for good: `none` ends the task, `all` writes a dead letter and goes on."),
  attempts: positive.default(10).describe("Tries of a record whose fault may pass, the first included; those of the same key wait meanwhile."),
  initialBackoffMs: milliseconds.default(100).describe("Wait before the second try, in ms; doubles with each further one."),
  maxBackoffMs: milliseconds.default(30_000).describe("The longest wait between two tries, in ms."),
  jitter: z.number().min(0).max(1).default(0.2).describe("Part of each wait that is random, 0 to 1."),
  deadLetter: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The topic for dead letters of a source that is no topic; of one that is, they go to `<topic>.<group>.dlq`. Default: `<connector>.dlq`.",
    ),
});

export const restartOptions = z.strictObject({
  attempts: z
    .number()
    .int()
    .min(0)
    .default(10)
    .describe("Restarts of a task in a row without progress in between, or for the same record; after the last it is FAILED."),
  initialBackoffMs: milliseconds.default(500).describe("Wait before the first restart, in ms; doubles with each further one."),
  maxBackoffMs: milliseconds.default(60_000).describe("The longest wait between two restarts, in ms."),
});

export const batchOptions = z.strictObject({
  maxRecords: positive.optional().describe("Records that the sink gets at once. Default: what suits the sink, or 500."),
  maxBytes: positive.optional().describe("Their bytes, as far as they are known. Default: what suits the sink, or 4 MiB."),
  maxWaitMs: milliseconds.optional().describe("How long the first record of a batch waits for others, in ms. Default: what suits the sink, or 50."),
});

const inFlightOptions = z.strictObject({
  records: positive.default(10_000).describe("Records of a task that are read and not yet written; at the limit the source is read no further."),
  bytes: positive.default(64 * 1024 * 1024).describe("Their bytes, estimated where the source does not know them."),
});

/** All but source, transforms and sink: what the options table of `defineConnector` tells. */
export const settings = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,100}$/, { error: "must be 1 to 100 of the characters a-z A-Z 0-9 . _ -" })
    .describe("Who it is: in metrics and logs, the name of its topics, and its consumer group."),
  owner: z
    .strictObject({ team: z.string().min(1), channel: z.string().min(1) })
    .optional()
    .describe("Who answers for it, as labels of its alerts: team and channel. Default: the owner of the topic that it writes to, or reads from."),
  failure: failureOptions.prefault({}).describe("What to do with a record that fails."),
  restart: restartOptions.prefault({}).describe("How a task that failed is restarted."),
  batch: batchOptions.prefault({}).describe("What the sink gets at once, where it should be other than what suits it."),
  flushIntervalMs: positive
    .default(10_000)
    .describe(
      "From one flush to the next, in ms, of a sink that holds what it was given (files, objects): how long a record may wait to be acknowledged.",
    ),
  writeTimeoutMs: positive
    .default(60_000)
    .describe(
      "How long one write of the sink may take, in ms; then its signal fires and, when it has ended, it is tried again. Or one flush: then its signal fires and the task is restarted, and what was held is read again.",
    ),
  maxInFlight: inFlightOptions.prefault({}).describe("How far reading may run ahead of writing."),
  maxTasks: positive.default(16).describe("Splits of the source that this process reads at the same time; others wait until one has ended."),
  splitsIntervalMs: positive.default(30_000).describe("From one look for new splits to the next, in ms."),
  positionIntervalMs: milliseconds
    .default(1_000)
    .describe("From one stored position of a split to the next, in ms. After a crash, what was written in between comes again."),
  stallAfterMs: positive
    .default(300_000)
    .describe(
      "A task that has had something to do for so long, in ms, without finishing any of it is reported as stalled; so is a connector that has waited so long for its positions or the splits of its source. A source that says nothing for so long is reported as idle.",
    ),
  drainTimeoutMs: milliseconds.default(4_000).describe("How long a stop waits for what is being written, in ms."),
});

/** Those of `defineConnector`. */
export const connectorOptions = settings.extend({
  source: part<Source<unknown>>(["read"], "must be a Source, such as fromTopic(Contract)"),
  transforms: z.array(part<Transform<unknown, unknown>>(["apply"], "must be a Transform, such as map(fn)")).default([]),
  sink: part<Sink<unknown>>(["open"], "must be a Sink, such as toTopic(Contract)"),
});

/** The settings of a connector, as given. */
export type ConnectorSettings = z.input<typeof settings>;
export type ResolvedConnector = z.output<typeof connectorOptions>;
