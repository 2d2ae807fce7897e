import type { ValueDescription } from "@org/bus-core";
import fc from "fast-check";
import type { MemberContext } from "../messages/members.js";
import { values } from "../values/value.js";
import type { Breakage } from "./breakage.js";
import { negate } from "./negate.js";

/** The ways to break the rules of a value: each one by itself, and expressions, of which nothing is known here. */
export function breakValue(value: ValueDescription, context: MemberContext): readonly Breakage<unknown>[] {
  const { type, rules = [] } = value;
  const single = rules.map((rule): Breakage<unknown> => {
    const others = rules.filter((other) => other !== rule);
    const wanted = [others, ...negate(rule).map((negated) => [negated, ...others])];
    return { path: "", candidates: () => fc.oneof(...wanted.flatMap((some) => possible(() => values({ type, rules: some }, context)))) };
  });
  if (!value.expressions) return single;
  return [...single, { path: "", candidates: () => values(value, context) }];
}

/** Bounds may leave no value at all, and a search may find none. */
export function possible<T>(make: () => T): readonly T[] {
  try {
    return [make()];
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}
