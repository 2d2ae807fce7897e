import type { RulePlan } from "@org/bus-core";
import fc from "fast-check";
import { allowedValues, argumentOf, bytesOf, numberOf } from "../rules.js";
import { texts } from "./texts.js";

const usualLength = 12;

/** Bytes that satisfy most of the rules at once; what is left to chance has to be checked. */
export function byteStrings(rules: readonly RulePlan[]): fc.Arbitrary<Uint8Array> {
  const allowed = allowedValues(rules);
  if (allowed !== undefined) return fc.constantFrom(...allowed.filter((value) => value instanceof Uint8Array));
  if (argumentOf(rules, "bytesPattern") !== undefined) return texts(rules, { taste: "any" }).map((text) => new TextEncoder().encode(text));
  const format = argumentOf(rules, "bytesFormat", 2);
  if (typeof format === "object" && "kind" in format && format.kind === "list") {
    return fc.oneof(...format.items.map((length) => fc.uint8Array({ minLength: Number(length), maxLength: Number(length) })));
  }
  return composed(rules);
}

function composed(rules: readonly RulePlan[]): fc.Arbitrary<Uint8Array> {
  const none = new Uint8Array();
  const [prefix = none, part = none, suffix = none] = ["bytesPrefix", "bytesContains", "bytesSuffix"].map((check) => bytesOf(rules, check));
  const fixed = prefix.length + part.length + suffix.length;
  const length = numberOf(rules, "bytesLength");
  const minLength = Math.max(0, (length ?? numberOf(rules, "bytesMinLength") ?? 0) - fixed);
  const max = (length ?? numberOf(rules, "bytesMaxLength") ?? Number.POSITIVE_INFINITY) - fixed;
  const maxLength = Math.max(minLength, Math.min(max, minLength + usualLength));
  const made = fc.uint8Array({ minLength, maxLength }).map((body) => {
    const middle = body.length >> 1;
    return Uint8Array.from([...prefix, ...body.subarray(0, middle), ...part, ...body.subarray(middle), ...suffix]);
  });
  // together they may be shorter than one after the other
  return max < 0 ? fc.oneof(made, fc.constantFrom(prefix, part, suffix)) : made;
}
