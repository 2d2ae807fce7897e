import { metrics } from "@opentelemetry/api";
import type { Bus } from "@org/bus-core";
import { busInternals, messageOf, resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import type { ConnectorContext } from "../../context.js";
import { type Connector, declared } from "../../define/define-connector.js";
import type { ResolvedConnector } from "../../define/options.js";
import type { ConnectRecord } from "../../record.js";
import { METER } from "../../task/environment.js";
import { TopicSource } from "../../topic/from-topic.js";
import { applyToRecords } from "../../transform/apply-transform.js";
import { runOptions } from "../run-options.js";
import { readSplits } from "./read-splits.js";
import { readTopics } from "./read-topics.js";
import { sinkCheck } from "./sink-check.js";

export const dryRunOptions = runOptions.extend({
  records: z.number().int().min(1).default(10).describe("How many records are read."),
  from: z
    .enum(["stored", "start"])
    .default("stored")
    .describe("`stored`: where the connector would go on, at the start where nothing is stored. `start`: at the start of the source."),
  idleMs: z
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe("How long a source without an end may say nothing, in ms, all its splits together; then it has no more to show."),
});

export type DryRunOptions = z.input<typeof dryRunOptions>;

/** What would be written, or why it would not: `stage` is `source`, the transform, or the sink. */
export type DryRunRecord =
  | { readonly ok: true; readonly record: ConnectRecord<unknown> }
  | { readonly ok: false; readonly id: string; readonly stage: string; readonly error: string };

/**
 * Reads some records, transforms them and yields what the sink would get; of each, whether it would be refused, as far as that shows without writing: by the
 * contract and the size of a message, by the mapping of a sink. It only reads: nothing is written, no position stored, no split taken from who reads it, and
 * a queue gets back what it has given. Ends with what lies there now.
 *
 * @throws {BusError} `invalid_options`, and what keeps the source from being read
 */
export async function* dryRun(bus: Bus, connector: Connector, options: DryRunOptions = {}): AsyncGenerator<DryRunRecord> {
  const { records, from, idleMs, positions } = resolveOptions("dryRun", dryRunOptions, options);
  const definition = declared(connector);
  const { source, transforms, sink, name } = definition;
  const { clock, logger } = busInternals(bus);
  const ending = new AbortController();
  const { signal } = ending;
  const context: ConnectorContext = { connector: name, signal, logger, meter: metrics.getMeter(METER), clock };
  const stored = from === "start" ? undefined : positions;
  const read =
    source instanceof TopicSource
      ? readTopics(bus, source, name, from)
      : readSplits(source, context, (await stored?.stored(name, bus)) ?? new Map(), idleMs);
  const check = sinkCheck(bus, sink);
  let left = records;
  try {
    for await (const given of read) {
      if (!("value" in given)) yield { ok: false, stage: "source", id: given.id, error: messageOf(given.error) };
      else for (const made of await transformed(given, transforms, signal)) yield made.ok ? await check(made.record) : made;
      if (--left <= 0) break;
    }
  } finally {
    ending.abort();
  }
}

async function transformed(
  record: ConnectRecord<unknown>,
  transforms: ResolvedConnector["transforms"],
  signal: AbortSignal,
): Promise<readonly DryRunRecord[]> {
  let records: readonly ConnectRecord<unknown>[] = [record];
  for (const transform of transforms) {
    try {
      records = await applyToRecords(transform, records, signal);
    } catch (error) {
      return [{ ok: false, id: record.id, stage: `transform ${transform.name}`, error: messageOf(error) }];
    }
  }
  return records.map((made) => ({ ok: true, record: made }));
}
