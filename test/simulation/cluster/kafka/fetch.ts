import type { Clock, TopicPartition } from "@org/bus-core";
import type { Kafka } from "./kafka.js";
import type { LogRecord, Partition } from "./partition.js";
import { ProtocolError } from "./protocol-error.js";

export interface Wanted extends TopicPartition {
  readonly offset: number;
}

export interface Found extends Wanted {
  readonly log: Partition;
  readonly records: readonly LogRecord[];
}

export interface Refused extends Wanted {
  readonly error: ProtocolError;
}

export interface FetchOptions {
  /** Of each partition. */
  readonly mostRecords: number;
  readonly maxWaitMs: number;
  readonly clock: Pick<Clock, "schedule">;
}

/** What a broker answers to a fetch: at once where there is something to say, else as soon as there is, or when the wait is over. */
export async function fetchRecords(
  kafka: Kafka,
  node: number,
  wanted: readonly Wanted[],
  { mostRecords, maxWaitMs, clock }: FetchOptions,
): Promise<readonly (Found | Refused)[]> {
  const read = () => wanted.map((each) => readOne(kafka, node, each, mostRecords));
  const found = read();
  if (found.some((each) => "error" in each || each.records.length > 0)) return found;
  await new Promise<void>((resolve) => {
    for (const each of found) if ("log" in each) each.log.watch(resolve);
    clock.schedule(maxWaitMs, resolve);
  });
  return read();
}

function readOne(kafka: Kafka, node: number, wanted: Wanted, mostRecords: number): Found | Refused {
  try {
    const log = kafka.ledPartition(node, wanted);
    return { ...wanted, log, records: log.read(wanted.offset, mostRecords) };
  } catch (error) {
    if (error instanceof ProtocolError) return { ...wanted, error };
    throw error;
  }
}
