import { isDomainLabel } from "./domain-label.js";

const notInLocalPart = /[^A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]/;

/**
 * Whether `value` is an email address such as `foo@example.com`, as the HTML standard defines it. That is narrower than RFC 5322
 * (no quotes, comments or spaces), but does not ask for a dot in the domain.
 */
export function isEmail(value: string): boolean {
  const at = value.indexOf("@");
  if (at < 1 || notInLocalPart.test(value.slice(0, at))) return false;
  return value
    .slice(at + 1)
    .split(".")
    .every(isDomainLabel);
}
