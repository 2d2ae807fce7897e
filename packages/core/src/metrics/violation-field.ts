import type { Violation } from "../errors.js";

/** Names that this many faults of one contract may have; a message that contains itself has paths without end. */
const maxFields = 100;
export const OTHER_FIELDS = "other";

const known = new Map<string, Set<string>>();

/**
 * Where a fault was, with few values: `items.price.currency` for `items[2].price.currency` and for `items["a key"].price.currency`. Of a property that the
 * contract does not declare, where it stood. Beyond 100 fields of a contract: `other`.
 */
export function violationField(typeName: string, { path, rule }: Pick<Violation, "path" | "rule">): string {
  const names = path
    .replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g, "")
    .split(".")
    .filter((name) => name !== "");
  // one that is no name stands in brackets, and is gone with them
  if (rule === "unknown_field" && !path.endsWith("]")) names.pop();
  const field = names.join(".");
  const fields = known.get(typeName) ?? new Set();
  known.set(typeName, fields);
  if (fields.has(field)) return field;
  if (fields.size >= maxFields) return OTHER_FIELDS;
  fields.add(field);
  return field;
}
