import type { Faults } from "./faults.js";

/** A well-known format of text. An empty value breaks the rule `<rule>_empty`, as in every implementation of the standard rules. */
export function stringFormat(faults: Faults, path: string, value: string, rule: string, name: string, test: (value: string) => boolean): void {
  if (value === "") faults.add(path, `${rule}_empty`, `must be ${name}, is empty`);
  else if (!test(value)) faults.add(path, rule, `must be ${name}`);
}

/** As `stringFormat`, for a format of which the empty text may be one. */
export function stringFormatOrEmpty(faults: Faults, path: string, value: string, rule: string, name: string, test: (value: string) => boolean): void {
  if (!test(value)) faults.add(path, rule, `must be ${name}`);
}
