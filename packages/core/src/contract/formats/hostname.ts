import { isDomainLabel } from "./domain-label.js";

const maxLength = 253;
const digitsOnly = /^[0-9]+$/;

/**
 * Whether `value` is a hostname such as `foo.example.com`: labels of 1 to 63 letters, digits and inner hyphens, separated by dots;
 * the last is not digits only; one dot may stand at the end; 253 characters at most.
 */
export function isHostname(value: string): boolean {
  // the comments of protovalidate do not count a trailing dot, all of its implementations do: what passes here must pass there
  if (value.length > maxLength) return false;
  const labels = (value.endsWith(".") ? value.slice(0, -1) : value).split(".");
  return labels.every(isDomainLabel) && !digitsOnly.test(labels.at(-1) ?? "");
}
