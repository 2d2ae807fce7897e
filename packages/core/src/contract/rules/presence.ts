import type { Faults } from "./faults.js";

/** A field that must be there is not: absent, or the zero value where the `.proto` cannot tell these apart. */
export function missing(faults: Faults, path: string): void {
  faults.add(path, "required", "is required");
}

/** A field is not there without which bytes are no message: `required` of proto2, `LEGACY_REQUIRED` of editions. */
export function lacking(faults: Faults, path: string): void {
  faults.add(path, legacyRequired, "is required: without it no decoder takes the message");
}

/** The rule that `lacking` tells of. */
export const legacyRequired = "legacy_required";

/** None of the fields of a oneof is set. */
export function missingOneof(faults: Faults, path: string): void {
  faults.add(path, "required", "exactly one of its fields is required");
}

/** `(buf.validate.message).oneof`: of `fields`, `count` are set. */
export function exclusiveFields(faults: Faults, count: number, fields: readonly string[], required: boolean): void {
  if (count > 1) faults.add("", "message.oneof", `only one of ${fields.join(", ")} may be set`);
  else if (required && count === 0) faults.add("", "message.oneof", `one of ${fields.join(", ")} must be set`);
}

/**
 * The key of a compacted topic, the field at `path` of `message`: empty or absent it is none, and brokers take no record without one.
 * `hasKeyWithout` tells whether the message has a key although the field is absent, as an integer has that cannot be told from 0.
 */
export function checkKeyIsThere(faults: Faults, path: readonly string[], message: unknown, hasKeyWithout: () => boolean): void {
  if (typeof message !== "object" || message === null) return;
  let value: unknown = message;
  for (const name of path) value = typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  const isThere = value === undefined ? hasKeyWithout() : value !== "" && !(value instanceof Uint8Array && value.length === 0);
  if (isThere) return;
  const field = path.join(".");
  if (!faults.concern(field)) faults.add(field, "required", "must not be empty: it is the key of a compacted topic");
}
