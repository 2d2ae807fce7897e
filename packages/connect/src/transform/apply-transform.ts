import { type ConnectRecord, connectRecord } from "../record.js";
import { BatchTransform } from "./batch.js";
import type { Transform } from "./transform.js";

/**
 * What a transform makes of `values`, for its tests: each goes in as a record with the id of its index, without a key.
 *
 * @param record what the records should have beside their value: `{ key: "a" }`
 */
export function applyTransform<In, Out>(
  transform: Transform<In, Out>,
  values: readonly In[],
  record: Partial<Omit<ConnectRecord<In>, "value">> = {},
): Promise<readonly ConnectRecord<Out>[]> {
  return applyToRecords(
    transform,
    values.map((value, index) => connectRecord({ id: String(index), ...record, value })),
    new AbortController().signal,
  );
}

/** What a transform makes of `records`, one after the other. */
export async function applyToRecords<In, Out>(
  transform: Transform<In, Out>,
  records: readonly ConnectRecord<In>[],
  signal: AbortSignal,
): Promise<readonly ConnectRecord<Out>[]> {
  const made: ConnectRecord<Out>[] = [];
  if (transform instanceof BatchTransform) {
    const { maxRecords } = transform.limits;
    for (let start = 0; start < records.length; start += maxRecords)
      made.push(...(transform.put(records.slice(start, start + maxRecords)) as readonly ConnectRecord<Out>[]));
  } else for (const record of records) made.push(...(await transform.apply(record, signal)));
  return made;
}
