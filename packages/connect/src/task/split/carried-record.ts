import type { ConnectRecord } from "../../record.js";
import type { UnreadableRecord } from "../../source/source.js";
import type { ReadTrace } from "../../telemetry/spans.js";

const maxWeight = 1024 * 1024;
/** Never written to and never read: a view of it has the length that credit counts. */
const weights = new ArrayBuffer(maxWeight);

/**
 * A record of a source in the place where the engine has the bytes of a record on the bus. It has no bytes of its own; its length is what the record
 * weighs, as far as that can be told, so that the limit in bytes means something.
 */
export class CarriedRecord extends Uint8Array {
  constructor(
    readonly carried: ConnectRecord<unknown> | UnreadableRecord,
    readonly read?: ReadTrace,
  ) {
    super(weights, 0, Math.min(maxWeight, weightOf("value" in carried ? carried.value : carried.original)));
  }
}

/** What lies deeper is guessed. */
const maxDepth = 4;

/** About how many bytes a value is. */
export function weightOf(value: unknown, depth = 0): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  if (value instanceof Uint8Array) return value.byteLength;
  if (depth === maxDepth) return 64;
  let weight = 16;
  if (Array.isArray(value)) for (const item of value) weight += weightOf(item, depth + 1);
  else for (const name in value) weight += name.length + weightOf((value as Readonly<Record<string, unknown>>)[name], depth + 1);
  return weight;
}
