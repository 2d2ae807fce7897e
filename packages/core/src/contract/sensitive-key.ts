import type { AnyContract } from "./contract.js";

/** Whether the key of the records of a contract is a field that is marked sensitive, or a part of one. */
export function keyIsSensitive({ topic, sensitiveFields }: AnyContract): boolean {
  const path = topic?.keyField;
  return path !== undefined && sensitiveFields.some((field) => path === field || path.startsWith(`${field}.`));
}
