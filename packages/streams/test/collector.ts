/** Gathers what a pipe yields; a test awaits the event, not a time. */
export interface Collector<T> {
  readonly items: readonly T[];
  readonly add: (item: T) => void;
  /** Resolves as soon as there are `count` items. */
  reached(count: number): Promise<void>;
}

export function collector<T>(): Collector<T> {
  const items: T[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  return {
    items,
    add(item) {
      items.push(item);
      for (const { count, resolve } of waiting) if (items.length >= count) resolve();
    },
    reached: (count) =>
      new Promise((resolve) => {
        if (items.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}
