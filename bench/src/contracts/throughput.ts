import type { Figures } from "../benchmark.js";
import { median } from "../median.js";

const warmUpMs = 1_000;
const sliceMs = 50;
const slices = 40;

/**
 * Operations of `operation` over `values` in turn, for each second that the process has a core: the median of 40 slices of 50 ms, after a second to
 * warm up. Time of the process, with all of its threads, does not count what else the machine does. What `operation` returns is added up, so that
 * no work can be left out as useless.
 */
export function throughput<T>(values: readonly T[], operation: (value: T) => number): Figures {
  let sum = 0;
  const slice = (lengthMs: number): number => {
    const before = process.cpuUsage();
    let operations = 0;
    let elapsedMs = 0;
    while (elapsedMs < lengthMs) {
      for (const value of values) sum += operation(value);
      operations += values.length;
      const { user, system } = process.cpuUsage(before);
      elapsedMs = (user + system) / 1_000;
    }
    return (operations / elapsedMs) * 1_000;
  };
  slice(warmUpMs);
  const perSecond = median(Array.from({ length: slices }, () => slice(sliceMs)));
  if (!Number.isFinite(sum)) throw new Error(`the results add up to ${sum}`);
  return { "operations/s": perSecond, "ns each": 1e9 / perSecond };
}
