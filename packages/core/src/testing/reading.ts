import type { CompactedContract, Contract } from "../contract/contract.js";
import type { Violation } from "../errors.js";

/** A message for tests, as a generated contract would have it, but in JSON. */
export interface Reading {
  readonly sensor: string;
  readonly celsius: number;
  readonly homeAddress?: string;
}

const encoder = new TextEncoder();

/** `sensor` is the key; `celsius` is at least -273.15. */
export const Reading: Contract<Reading> = {
  typeName: "lab.v1.Reading",
  topic: { name: "lab.readings", keyField: "sensor", partitions: 4, cleanup: "delete", owner: { team: "lab", channel: "#lab" } },
  sensitiveFields: [],
  validate(message) {
    const violations: Violation[] = [];
    const { celsius, homeAddress } = message as Reading;
    if (typeof celsius !== "number") violations.push({ path: "celsius", rule: "type", message: `must be a number, is ${typeof celsius}` });
    else if (celsius < -273.15) violations.push({ path: "celsius", rule: "double.gte", message: `must be at least -273.15, is ${celsius}` });
    if (homeAddress === "") violations.push({ path: "homeAddress", rule: "string.min_len", message: `must not be empty, is "${homeAddress}"` });
    return violations;
  },
  encode: (message) => encoder.encode(JSON.stringify(message)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Reading,
  key: ({ sensor }) => (sensor === "" ? null : encoder.encode(sensor)),
};

/** As `Reading`, and `home_address` is sensitive. */
export const SensitiveReading: Contract<Reading> = { ...Reading, sensitiveFields: ["home_address"] };

/** The newest reading of each sensor. */
export const CurrentReading: CompactedContract<Reading> = {
  ...Reading,
  typeName: "lab.v1.CurrentReading",
  topic: { name: "lab.current", keyField: "sensor", partitions: 2, cleanup: "compact", owner: { team: "lab", channel: "#lab" } },
};
