import { describeValue } from "../contract/rules/describe.js";
import { BusError, type Violation } from "../errors.js";
import { showOption, unknownOption } from "../option-faults.js";

const names: readonly string[] = ["headers", "timestamp", "signal", "deliveryTimeoutMs"];

/**
 * What is wrong with the options of one message; undefined where nothing is. Written by hand, because it stands on the way of every
 * message that has options.
 */
export function publishOptionsFault(owner: string, options: unknown): BusError | undefined {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return new BusError("invalid_options", `${owner}: options must be an object, is ${describeValue(options)}`);
  }
  const violations: Violation[] = [];
  const refuse = (path: string, rule: string, message: string) => violations.push({ path, rule, message });
  for (const name in options) if (!names.includes(name)) refuse(name, "unrecognized_keys", unknownOption(owner, name, names));
  const { headers, timestamp, signal, deliveryTimeoutMs } = options as Readonly<Record<string, unknown>>;
  if (headers !== undefined && (typeof headers !== "object" || headers === null || Array.isArray(headers))) {
    refuse("headers", "type", "must be an object of strings and Uint8Arrays");
  }
  if (timestamp !== undefined && !(Number.isSafeInteger(timestamp) && Number(timestamp) >= 0)) {
    refuse("timestamp", "type", "must be an integer >= 0, in ms since the epoch");
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) refuse("signal", "type", "must be an AbortSignal");
  if (deliveryTimeoutMs !== undefined && !(typeof deliveryTimeoutMs === "number" && deliveryTimeoutMs > 0)) {
    refuse("deliveryTimeoutMs", "type", typeof deliveryTimeoutMs === "number" ? "must be > 0" : "must be a number > 0");
  }
  if (violations.length === 0) return undefined;
  const faults = violations.map(({ path, rule, message }) => {
    const value = rule === "unrecognized_keys" ? "" : showOption(path, (options as Readonly<Record<string, unknown>>)[path]);
    return `${path} ${value === "" ? "" : `${value} `}${message}`;
  });
  return new BusError("invalid_options", `${owner}: ${faults.join("; ")}`, { violations });
}
