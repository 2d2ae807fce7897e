import type { Source } from "@org/bus-connect";

/** The first `count` records of a source of one split: what takes a source can take one around it, too. */
export function firstRows<T>(source: Source<T>, count: number): Source<T> {
  return {
    ...source,
    async *read(context) {
      let left = count;
      for await (const batch of source.read(context)) {
        const records = batch.records.slice(0, left);
        left -= records.length;
        yield { ...batch, records, ...(batch.progress && { progress: { ...batch.progress, done: count - left, total: count } }) };
        if (left === 0) return;
      }
    },
  };
}
