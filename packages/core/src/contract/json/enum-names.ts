import type { EnumValuePlan } from "../compiler/plan.js";

/** The values of an enum, as in the `.proto`. */
export interface EnumNames {
  readonly numbers: ReadonlyMap<string, number>;
  /** The first name of each number. */
  readonly names: ReadonlyMap<number, string>;
}

export function enumNames(values: readonly EnumValuePlan[]): EnumNames {
  const names = new Map<number, string>();
  for (const { name, number } of values) if (!names.has(number)) names.set(number, name);
  return { numbers: new Map(values.map(({ name, number }) => [name, number])), names };
}
