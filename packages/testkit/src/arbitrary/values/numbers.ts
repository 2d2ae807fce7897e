import type { RulePlan } from "@org/bus-core";
import fc from "fast-check";
import type { Generation } from "../generation.js";
import { allowedValues, type Range, rangesOf } from "../rules.js";

/** How many values a plain number is taken from. */
const plainCount = 100n;

/** Integers between `min` and `max`, the ends of their type, that satisfy `const`, `in` and bounds. What else there is has to be checked. */
export function integers(rules: readonly RulePlan[], min: bigint, max: bigint, { taste }: Pick<Generation, "taste">): fc.Arbitrary<bigint> {
  const allowed = allowedValues(rules);
  if (allowed !== undefined) return fc.constantFrom(...allowed.map((value) => BigInt(value as number | bigint)));
  const ranges = rangesOf(rules).flatMap((range) => {
    const [low, high] = [lowest(range, min), highest(range, max)];
    return low > high ? [] : [taste === "plain" ? plainWindow(low, high) : { min: low, max: high }];
  });
  if (ranges.length === 0) throw new RangeError("no integer lies within the bounds");
  return fc.oneof(...ranges.map((range) => fc.bigInt(range)));
}

/** Numbers that satisfy `const`, `in`, `finite` and bounds; of 32 bits where `single`. */
export function floats(rules: readonly RulePlan[], single: boolean, { taste }: Pick<Generation, "taste">): fc.Arbitrary<number> {
  const allowed = allowedValues(rules);
  if (allowed !== undefined) return fc.constantFrom(...allowed.map(Number));
  if (rules.some(({ check }) => check === "notFinite")) return fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const finite = rules.some(({ check }) => check === "finite");
  return fc.oneof(
    ...rangesOf(rules).map((range) => {
      const steps = quarters(range, taste);
      if (taste === "plain" && steps !== undefined) return steps;
      const all = wholeRange(range, single, finite);
      return steps === undefined ? all : fc.oneof({ arbitrary: all, weight: 3 }, steps);
    }),
  );
}

function lowest({ min, minExcluded }: Range, typeMin: bigint): bigint {
  const low = min === undefined ? typeMin : BigInt(min) + (minExcluded ? 1n : 0n);
  return low < typeMin ? typeMin : low;
}

function highest({ max, maxExcluded }: Range, typeMax: bigint): bigint {
  const high = max === undefined ? typeMax : BigInt(max) - (maxExcluded ? 1n : 0n);
  return high > typeMax ? typeMax : high;
}

/** A few integers of the range, small positive ones where it has any. */
function plainWindow(low: bigint, high: bigint): { readonly min: bigint; readonly max: bigint } {
  const min = low > 0n ? low : high > 0n ? 1n : high - low < plainCount ? low : high - plainCount;
  return { min, max: high - min < plainCount ? high : min + plainCount };
}

/** Multiples of 0.25 within a range, which people would call round; undefined where there are none. */
function quarters(range: Range, taste: Generation["taste"]): fc.Arbitrary<number> | undefined {
  const limit = 4 * (taste === "plain" ? 100 : 1_000_000);
  const [min, max] = [Number(range.min ?? -limit), Number(range.max ?? limit)];
  const low = Math.ceil(Math.max(min, range.max === undefined && taste === "plain" ? Math.max(min, 0) : min) * 4);
  const high = Math.floor(Math.min(max, Math.max(low / 4 + limit, min)) * 4);
  const [first, last] = [range.minExcluded && low === min * 4 ? low + 1 : low, range.maxExcluded && high === max * 4 ? high - 1 : high];
  if (first > last || !Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return undefined;
  return fc.integer({ min: first, max: last }).map((count) => count / 4);
}

function wholeRange({ min, minExcluded, max, maxExcluded }: Range, single: boolean, finite: boolean): fc.Arbitrary<number> {
  const constraints = {
    ...(min !== undefined && { min: Number(min), minExcluded: minExcluded ?? false }),
    ...(max !== undefined && { max: Number(max), maxExcluded: maxExcluded ?? false }),
    // no comparison with NaN holds
    noNaN: finite || min !== undefined || max !== undefined,
    noDefaultInfinity: finite,
  };
  return single ? fc.float(constraints) : fc.double(constraints);
}
