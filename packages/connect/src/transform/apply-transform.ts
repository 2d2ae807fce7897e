import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ConnectRecord } from "../record.js";
import type { Transform } from "./transform.js";

/**
 * What a transform makes of `values`, for its tests: each goes in as a record with the id of its index, without a key.
 *
 * @param record what the records should have beside their value: `{ key: "a" }`
 */
export async function applyTransform<In, Out>(
  transform: Transform<In, Out>,
  values: readonly In[],
  record: Partial<Omit<ConnectRecord<In>, "value">> = {},
): Promise<readonly ConnectRecord<Out>[]> {
  const { signal } = new AbortController();
  const made: ConnectRecord<Out>[] = [];
  for (const [index, value] of values.entries()) {
    const given = { id: String(index), key: null, timestamp: undefined, headers: {}, context: ROOT_CONTEXT, ...record, value };
    made.push(...(await transform.apply(given, signal)));
  }
  return made;
}
