import { resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import type { ConnectRecord } from "../record.js";
import type { Transform } from "./transform.js";

const batchOptions = z.strictObject({
  maxRecords: z.number().int().min(1).describe("Records of one batch."),
  maxWaitMs: z.number().min(0).default(1_000).describe("How long the first record of a batch waits for others, in ms."),
});

/** Makes one record of several: what is run by the engine, which puts their acknowledgements together. */
export class BatchTransform<T> implements Transform<T, readonly T[]> {
  readonly name = "batch";

  constructor(readonly limits: z.output<typeof batchOptions>) {}

  /** A batch of one. */
  apply(record: ConnectRecord<T>): readonly ConnectRecord<readonly T[]>[] {
    return this.put([record]);
  }

  /** It has the id, the time, the headers and the trace of its first, and its key where all have the same. */
  put(records: readonly ConnectRecord<T>[]): readonly ConnectRecord<readonly T[]>[] {
    const [first] = records;
    if (first === undefined) return [];
    const isOne = records.every(({ key }) => keyText(key) === keyText(first.key));
    return [{ ...first, key: isOne ? first.key : null, value: records.map(({ value }) => value) }];
  }
}

const keyText = (key: ConnectRecord<unknown>["key"]): string | null => (key === null ? null : Buffer.from(key).toString("latin1"));

/**
 * Puts records together, of whatever key, in the order in which they come. They are acknowledged together; a batch that fails for good makes a dead letter of
 * each. A sink gets records in batches without it: it is for one message of many.
 *
 * @throws {BusError} `invalid_options`
 */
export function batch<T>(options: z.input<typeof batchOptions>): Transform<T, readonly T[]> {
  return new BatchTransform(resolveOptions("batch", batchOptions, options));
}
