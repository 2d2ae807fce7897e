import type { Transform } from "./transform.js";

type NewNames<T, Names extends Partial<Record<keyof T, string>>> = {
  [Name in keyof T as Name extends keyof Names ? (Names[Name] extends string ? Names[Name] : Name) : Name]: T[Name];
};

/** Gives properties other names: `rename({ customer_id: "customerId" })`. */
export function rename<In extends object, const Names extends Partial<Record<keyof In, string>>>(names: Names): Transform<In, NewNames<In, Names>> {
  const renamed = new Map(Object.entries(names as Readonly<Record<string, string>>));
  return {
    name: "rename",
    apply: (record) => {
      const value = Object.fromEntries(Object.entries(record.value).map(([name, property]) => [renamed.get(name) ?? name, property]));
      // the type says what the loop does
      return [{ ...record, value: value as NewNames<In, Names> }];
    },
  };
}
