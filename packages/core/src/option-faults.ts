import type { z } from "zod";
import { suggestName } from "./suggest-name.js";

/*
 * The words for what is wrong with an option. They follow its path and value: `failure.attempts 0 must be >= 1`.
 */

/** What is wrong with an option, without its path and value; empty for names that are no options, which `unknownOption` words. */
export function optionFault(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is required" : `must be ${nameOfType(issue.expected)}`;
    case "too_small":
      if (isAmount(issue.origin)) return `must be ${issue.inclusive === false ? ">" : ">="} ${issue.minimum}`;
      return issue.minimum === 1 ? "must not be empty" : `must have at least ${issue.minimum} ${nameOfParts(issue.origin)}`;
    case "too_big":
      if (isAmount(issue.origin)) return `must be ${issue.inclusive === false ? "<" : "<="} ${issue.maximum}`;
      return `must have at most ${issue.maximum} ${nameOfParts(issue.origin)}`;
    case "invalid_value":
    case "invalid_union":
      return issue.input === undefined ? "is required" : `must be ${list(alternatives(issue))}`;
    case "invalid_format":
      return `must be a valid ${issue.format}`;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "unrecognized_keys":
      return "";
    default:
      return "must be valid";
  }
}

/** What to say of a name that is no option of `owner`, which has `names`. */
export function unknownOption(owner: string, name: string, names: readonly string[]): string {
  const meant = suggestName(name, names);
  if (meant !== undefined) return `is not an option of ${owner} (is ${meant} meant?)`;
  return `is not an option of ${owner}${names.length === 0 ? "" : ` (there are ${names.join(", ")})`}`;
}

/** The value of an option, for people; empty where it is secret or too much to read. */
export function showOption(path: string, value: unknown): string {
  if (secretPath.test(path)) return "";
  if (typeof value === "string") {
    const text = value.replace(userInfo, "//…@");
    return JSON.stringify(text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  return value instanceof Date && Number.isNaN(value.getTime()) ? "Invalid Date" : "";
}

const secretPath = /password|passphrase|secret|token|sasl|ssl/i;
/** Of an address: the user, and often a password. */
const userInfo = /\/\/\S*@/g;
const maxShownLength = 60;

const isAmount = (origin: string): boolean => ["number", "int", "bigint", "date"].includes(origin);

const nameOfParts = (origin: string): string => (origin === "string" ? "characters" : "items");

function nameOfType(expected: string): string {
  if (expected === "int") return "an integer";
  if (expected === "number") return "a finite number";
  if (expected === "date") return "a valid Date";
  if (expected === "record") return "an object";
  return `${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected}`;
}

/** What an option may be, each for itself: `"earliest"`, `a Date`. */
function alternatives(issue: z.core.$ZodRawIssue | z.core.$ZodIssue): readonly string[] {
  switch (issue.code) {
    case "invalid_value":
      return (issue.values as readonly unknown[]).map((value) => JSON.stringify(value));
    case "invalid_union":
      return (issue.errors as readonly (readonly z.core.$ZodIssue[])[]).flatMap(([first]) => (first === undefined ? [] : alternatives(first)));
    case "invalid_type":
      return [
        nameOfType(issue.expected as string)
          .replace("finite ", "")
          .replace("valid ", ""),
      ];
    default:
      return [String(issue.message).replace(/^must be /, "")];
  }
}

function list(items: readonly string[]): string {
  if (items.length === 0) return "one of its alternatives";
  return items.length === 1 ? `${items[0]}` : `${items.slice(0, -1).join(", ")} or ${items.at(-1)}`;
}
