import { describe, expect, it } from "vitest";
import { z } from "zod";
import { consumeOptions, handlerOptions } from "./consume/options.js";
import { type BusOptions, createBus } from "./create-bus.js";
import { BusError } from "./errors.js";
import { resolveOptions } from "./options.js";

function faultOf(act: () => unknown): BusError {
  try {
    act();
  } catch (error) {
    if (error instanceof BusError) return error;
    throw error;
  }
  throw new Error("the options were accepted");
}

describe("resolveOptions", () => {
  it.each<[unknown, string]>([
    [undefined, "options is required"],
    [5, "options 5 must be an object"],
    [{}, "service is required"],
    [{ service: 5 }, "service 5 must be a string"],
    [{ service: "" }, 'service "" must not be empty'],
    [{ service: "a", servce: "b" }, "servce is not an option of createBus (is service meant?)"],
    [{ service: "a", brokers: [] }, "brokers is not an option of createBus (there are service, transport, publish, logger, clock, random)"],
    [{ service: "a", transport: "kafka" }, 'transport "kafka" must be a Transport, such as memory() or kafka({ brokers })'],
    [{ service: "a", logger: {} }, "logger must have the methods debug, info, warn and error"],
    [{ service: "a", clock: null }, "clock null must be a Clock"],
    [{ service: "a", publish: { lingerMs: -1 } }, "publish.lingerMs -1 must be >= 0"],
    [{ service: "a", publish: { maxBatchRecords: 1.5 } }, "publish.maxBatchRecords 1.5 must be an integer"],
    [{ service: "a", publish: { maxBatchRecord: 1 } }, "publish.maxBatchRecord is not an option of createBus (is maxBatchRecords meant?)"],
  ])("words what is wrong with the options %j of createBus", (options, text) => {
    const error = faultOf(() => createBus(options as BusOptions));
    expect([error.code, error.message]).toEqual(["invalid_options", `createBus: ${text}`]);
  });

  it.each<[unknown, string]>([
    [{ grup: "g" }, "group is required; grup is not an option of consume (is group meant?)"],
    [{ group: "g", from: "soon" }, 'from "soon" must be "earliest", "latest" or a Date'],
    [{ group: "g", from: 5 }, 'from 5 must be "earliest", "latest" or a Date'],
    [{ group: "g", from: new Date("soon") }, 'from Invalid Date must be "earliest", "latest" or a Date'],
    [{ group: "g", outOfRange: "skip" }, 'outOfRange "skip" must be "stop", "earliest" or "latest"'],
    [{ group: "g", order: "keys" }, 'order "keys" must be "key", "partition" or "none"'],
    [{ group: "g", concurrency: 0 }, "concurrency 0 must be >= 1"],
    [{ group: "g", concurrency: "16" }, 'concurrency "16" must be a finite number'],
    [{ group: "g", concurrency: Number.NaN }, "concurrency NaN must be a finite number"],
    [{ group: "g", drainTimeoutMs: Number.POSITIVE_INFINITY }, "drainTimeoutMs Infinity must be a finite number"],
    [{ group: "g", failure: { attempts: 0 } }, "failure.attempts 0 must be >= 1"],
    [
      { group: "g", failure: { jitter: 2, atempts: 1 } },
      "failure.jitter 2 must be <= 1; failure.atempts is not an option of consume (is attempts meant?)",
    ],
    [{ group: "g", failure: { otherwise: "dlq" } }, 'failure.otherwise "dlq" must be "deadLetter" or "stop"'],
    [{ group: "g", failure: null }, "failure null must be an object"],
    [{ group: "g", credit: { maxUnsettled: 0.5 } }, "credit.maxUnsettled 0.5 must be an integer"],
    [{ group: "g", credit: { maxOffsetSpan: 1e300 } }, "credit.maxOffsetSpan 1e+300 must be <= 9007199254740991"],
    [{ group: "g", credit: [] }, "credit must be an object"],
  ])("words what is wrong with the options %j of consume", (options, text) => {
    expect(faultOf(() => resolveOptions("consume", handlerOptions, options)).message).toBe(`consume: ${text}`);
  });

  it("lists the same faults as violations", () => {
    const error = faultOf(() => resolveOptions("consume", consumeOptions, { group: "", failure: { attempts: 0 } }));
    expect(error.violations).toEqual([
      { path: "group", rule: "too_small", message: "must not be empty" },
      { path: "failure.attempts", rule: "too_small", message: "must be >= 1" },
    ]);
  });

  it("does not show what is secret, and cuts what is long", () => {
    const schema = z.strictObject({ sasl: z.strictObject({ user: z.number() }), apiToken: z.number(), note: z.number() });
    const error = faultOf(() => resolveOptions("connect", schema, { sasl: { user: "x7" }, apiToken: "x7", note: "y".repeat(70) }));
    expect(error.message).toBe(
      `connect: sasl.user must be a finite number; apiToken must be a finite number; note "${"y".repeat(60)}…" must be a finite number`,
    );
  });

  it("shows no address with its user, and nothing where a secret was asked for", () => {
    const secretOption = z.custom(() => false, 'must be a secret by reference, such as secret("PG_URL")');
    const schema = z.strictObject({ key: secretOption, url: z.number() });
    const error = faultOf(() => resolveOptions("connect", schema, { key: "hunter2", url: "http://ada:hunter@2@host/path" }));
    expect(error.message).toBe(
      'connect: key must be a secret by reference, such as secret("PG_URL"); url "http://…@host/path" must be a finite number',
    );
  });

  it("leaves the words of a schema as they are", () => {
    const schema = z.strictObject({
      a: z.number({ error: ({ input }) => `must be a count, is ${input}` }),
      b: z.custom<object>(() => false, "has no end"),
      c: z.array(z.string()).min(2),
    });
    expect(faultOf(() => resolveOptions("connect", schema, { a: "1", b: 5, c: ["x"] })).message).toBe(
      "connect: a must be a count, is 1; b has no end; c must have at least 2 items",
    );
  });
});
