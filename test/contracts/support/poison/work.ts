import { MessageReader } from "@org/bus-core/runtime";

/** How often methods of readers are called in `work`: nothing is read, skipped or stepped into without one. */
export function countSteps(work: () => void): number {
  let steps = 0;
  const methods = Object.getOwnPropertyDescriptors(MessageReader.prototype);
  const counted = Object.entries(methods).filter(([name, { value }]) => name !== "constructor" && typeof value === "function");
  try {
    for (const [name, { value }] of counted) {
      Object.defineProperty(MessageReader.prototype, name, {
        configurable: true,
        writable: true,
        value(this: MessageReader, ...args: unknown[]): unknown {
          steps++;
          return Reflect.apply(value, this, args);
        },
      });
    }
    work();
  } finally {
    Object.defineProperties(MessageReader.prototype, Object.fromEntries(counted));
  }
  return steps;
}

/** How many bytes `work` copies from one array to another. */
export function countCopiedBytes(work: () => void): number {
  let copied = 0;
  const holder = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const { set } = holder;
  try {
    holder.set = function count(source: ArrayLike<number>, offset?: number): void {
      copied += source.length;
      set.call(this, source, offset);
    };
    work();
  } finally {
    holder.set = set;
  }
  return copied;
}

/** How many messages, items, entries and properties of JSON are in a decoded value, itself included. */
export function countParts(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 1;
  const parts = value instanceof Map ? Array.from(value).flat() : Object.values(value).filter((part) => typeof part === "object");
  return parts.reduce<number>((count, part) => count + (isEmpty(part) ? 0 : countParts(part)), Array.isArray(value) ? value.length : 1);
}

/** Lists and maps that nothing was put into come with each message. */
const isEmpty = (part: unknown): boolean => (Array.isArray(part) && part.length === 0) || (part instanceof Map && part.size === 0);
