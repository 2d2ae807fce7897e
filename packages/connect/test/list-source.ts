import { type ConnectRecord, connectRecord } from "../src/record.js";
import type { Source, SourceContext } from "../src/source/source.js";

export interface ListSourceOptions<T> {
  /** By split. */
  readonly lists: Readonly<Record<string, readonly T[]>>;
  /** Records of a batch. @default 2 */
  readonly batch?: number;
  readonly keyOf?: (value: T) => string | null;
  /** @default true */
  readonly bounded?: boolean;
}

/** A source of lists in memory, that remembers what it was asked and told. */
export interface ListSource<T> extends Source<T> {
  readonly started: { readonly split: string; readonly position: unknown }[];
  readonly acknowledged: string[];
  readonly released: string[];
  readonly ended: string[];
  /** Records given out. */
  given: number;
}

export function listSource<T>({ lists, batch = 2, keyOf = () => null, bounded = true }: ListSourceOptions<T>): ListSource<T> {
  const source: ListSource<T> = {
    name: "list",
    replayable: true,
    bounded,
    started: [],
    acknowledged: [],
    released: [],
    ended: [],
    given: 0,
    splits: async () => Object.keys(lists).map((id) => ({ id })),
    async *read({ split, position, signal }: SourceContext) {
      source.started.push({ split: split.id, position });
      const list = lists[split.id] ?? [];
      try {
        for (let at = typeof position === "number" ? position : 0; at < list.length; at += batch) {
          const end = Math.min(list.length, at + batch);
          const records = list.slice(at, end).map((value, index): ConnectRecord<T> => {
            const id = `${split.id}:${at + index}`;
            return connectRecord({ value, id, key: keyOf(value) });
          });
          source.given += records.length;
          yield {
            records,
            position: end,
            progress: { done: end, total: list.length, unit: "records" as const },
            acknowledge: () => void source.acknowledged.push(`${split.id}:${end}`),
            release: () => void source.released.push(`${split.id}:${end}`),
          };
        }
        if (!bounded) await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      } finally {
        source.ended.push(split.id);
      }
    },
  };
  return source;
}
