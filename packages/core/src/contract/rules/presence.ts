import type { Faults } from "./faults.js";

/** A field that must be there is not: absent, or the zero value where the `.proto` cannot tell these apart. */
export function missing(faults: Faults, path: string): void {
  faults.add(path, "required", "is required");
}

/** None of the fields of a oneof is set. */
export function missingOneof(faults: Faults, path: string): void {
  faults.add(path, "required", "exactly one of its fields is required");
}

/** `(buf.validate.message).oneof`: of `fields`, `count` are set. */
export function exclusiveFields(faults: Faults, count: number, fields: readonly string[], required: boolean): void {
  if (count > 1) faults.add("", "message.oneof", `only one of ${fields.join(", ")} may be set`);
  else if (required && count === 0) faults.add("", "message.oneof", `one of ${fields.join(", ")} must be set`);
}
