import { randomUUID } from "node:crypto";
import { metrics } from "@opentelemetry/api";
import { type Bus, BusError, type RecordBatch } from "@org/bus-core";
import { busInternals, decodeRecord, extractContext, messageOf, sleep } from "@org/bus-core/internal";
import type { ConnectorContext } from "../context.js";
import { type Connector, declared } from "../define/define-connector.js";
import type { ConnectRecord } from "../record.js";
import type { Source } from "../source/source.js";
import { METER } from "../task/environment.js";
import { TopicSource } from "../topic/from-topic.js";
import { applyToRecords } from "../transform/apply-transform.js";

/** What would be written, or why it would not. */
export type DryRunRecord =
  | { readonly ok: true; readonly record: ConnectRecord<unknown> }
  | { readonly ok: false; readonly id: string; readonly stage: string; readonly error: string };

/**
 * Reads up to `count` records from the beginning of the source, transforms them and yields what the sink would get. It writes nothing, stores no position,
 * acknowledges nothing, and gives back to the source what it has read. Ends where the topics of a source that is one end.
 */
export async function* dryRun(bus: Bus, connector: Connector, count: number): AsyncGenerator<DryRunRecord> {
  const { source, transforms, name } = declared(connector);
  const { clock, logger } = busInternals(bus);
  const ending = new AbortController();
  const context: ConnectorContext = { connector: name, signal: ending.signal, logger, meter: metrics.getMeter(METER), clock };
  let left = count;
  const read = source instanceof TopicSource ? readTopics(bus, source, name) : readSplits(source, context);
  try {
    for await (const given of read) {
      if ("value" in given) yield* await transformed(given, transforms, ending.signal);
      else yield { ok: false, stage: "source", ...given };
      if (--left <= 0) break;
    }
  } finally {
    ending.abort();
  }
}

interface Unreadable {
  readonly id: string;
  readonly error: string;
}

async function transformed(
  record: ConnectRecord<unknown>,
  transforms: ReturnType<typeof declared>["transforms"],
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

async function* readSplits(source: Source<unknown>, context: ConnectorContext): AsyncGenerator<ConnectRecord<unknown> | Unreadable> {
  const given = new BusError("aborted", "it was read by a dry run");
  for (const split of (await source.splits?.(context)) ?? [{ id: "0" }]) {
    for await (const batch of source.read({ ...context, split, position: undefined })) {
      // before it is handed out: who has enough goes
      await batch.release?.(given);
      yield* batch.records;
      for (const { id, error } of batch.unreadable ?? []) yield { id, error: messageOf(error) };
    }
  }
}

async function* readTopics(bus: Bus, source: TopicSource<unknown>, connector: string): AsyncGenerator<ConnectRecord<unknown> | Unreadable> {
  const { transport, clock } = busInternals(bus);
  const contracts = new Map(source.contracts.map((contract) => [contract.topic?.name ?? "", contract]));
  const ends = (await Promise.all([...contracts.keys()].map((topic) => transport.admin.offsets(topic)))).flat();
  const open = new Set(ends.filter(({ logStart, logEnd }) => logEnd > logStart).map(({ topic, partition }) => `${topic}[${partition}]`));
  const batches: RecordBatch[] = [];
  let arrived = new AbortController();
  const consumer = transport.createConsumer({
    group: `${connector}.dry-run.${randomUUID()}`,
    topics: [...contracts.keys()],
    from: source.options.from,
    outOfRange: "earliest",
  });
  const wake = () => arrived.abort();
  const records = (batch: RecordBatch) => {
    batches.push(batch);
    wake();
  };
  try {
    await consumer.start({ assigned() {}, records, async revoked() {}, lost() {}, stopped: wake });
    while (open.size > 0) {
      const batch = batches.shift();
      if (batch === undefined) {
        arrived = new AbortController();
        // a log may end in what is no record
        await sleep(clock, 2_000, arrived.signal);
        if (batches.length === 0) return;
        continue;
      }
      const contract = contracts.get(batch.topic);
      for (const record of batch.records) {
        const { topic, partition, offset, key, timestamp, headers } = record;
        const id = `${topic}[${partition}]@${offset}`;
        if (contract === undefined) continue;
        try {
          const value = decodeRecord(record, contract);
          yield { value, id, key, timestamp, headers, context: extractContext(headers), contract, origin: { topic, partition, offset } };
        } catch (error) {
          yield { id, error: messageOf(error) };
        }
      }
      const end = ends.find(({ topic, partition }) => topic === batch.topic && partition === batch.partition)?.logEnd ?? 0;
      if ((batch.records.at(-1)?.offset ?? 0) >= end - 1) open.delete(`${batch.topic}[${batch.partition}]`);
    }
  } finally {
    await consumer.close();
  }
}
