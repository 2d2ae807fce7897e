import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { canary } from "../../../../../test/support/canary.js";
import { BusError } from "../../errors.js";
import { Reading, SensitiveReading } from "../../testing/reading.js";
import { withoutSensitive } from "./withheld-error.js";

const secret = `${canary}12 Rose Lane`;

describe("withoutSensitive", () => {
  it("leaves an error alone where no contract has sensitive fields", () => {
    const error = new Error(secret);
    expect(withoutSensitive(error, [Reading, Reading])).toBe(error);
  });

  it.each([
    ["its class", new RangeError(`no such house: ${secret}`), { name: "RangeError" }],
    [
      "its code",
      new BusError("transport_failed", `cannot reach ${secret}`, { retryable: true, details: { secret } }),
      { code: "transport_failed", retryable: true },
    ],
    ["a line like one of a stack for nothing", new Error(`x\n    at ${secret}`, { cause: new Error(secret) }), { name: "Error" }],
    ["nothing of a value that is no error", { secret }, { name: "object" }],
  ])("keeps %s and not what it says", (_, error, expected) => {
    const told = withoutSensitive(error, [Reading, SensitiveReading]) as Error;
    expect(told).toMatchObject(expected);
    expect(told.message).toContain("what it says is withheld: lab.v1.Reading has sensitive fields");
    expect(inspect(told, { depth: null, showHidden: true })).not.toContain(secret);
    expect(told.stack).not.toContain(secret);
    if (error instanceof Error) expect(told.stack).toContain("withheld-error.test.ts");
  });
});
