import type { Figures } from "../benchmark.js";
import { median } from "../median.js";

const warmUpMs = 1_000;
const sliceMs = 50;
const slices = 40;

/**
 * Operations a second of `operation` over `values` in turn: the median of 40 slices of 50 ms, after a second to warm up. What `operation`
 * returns is added up, so that no work can be left out as useless.
 */
export function throughput<T>(values: readonly T[], operation: (value: T) => number): Figures {
  let sum = 0;
  const slice = (lengthMs: number): number => {
    const startedAt = performance.now();
    let operations = 0;
    let elapsedMs = 0;
    while (elapsedMs < lengthMs) {
      for (const value of values) sum += operation(value);
      operations += values.length;
      elapsedMs = performance.now() - startedAt;
    }
    return (operations / elapsedMs) * 1_000;
  };
  slice(warmUpMs);
  const perSecond = median(Array.from({ length: slices }, () => slice(sliceMs)));
  if (!Number.isFinite(sum)) throw new Error(`the results add up to ${sum}`);
  return { "operations/s": perSecond, "ns each": 1e9 / perSecond };
}
