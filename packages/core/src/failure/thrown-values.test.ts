import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { BusError, legible, messageOf } from "../errors.js";
import { createLab, type Lab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";
import { headerText, type IncomingRecord } from "../transport/record.js";
import { deadLetterRecord } from "./dead-letter-record.js";

const refuse = () => {
  throw new Error("do not look at me");
};
const deaf = new Proxy(new BusError("transport_failed", "unheard"), { get: refuse });
const blind = new Proxy({}, { getPrototypeOf: refuse, get: refuse, has: refuse });
const withoutPrototype: unknown = Object.create(null);

function errorWith(properties: Record<string, unknown>): Error {
  return Object.defineProperties(
    new Error("mended"),
    Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, { value, configurable: true }])),
  );
}

const hostile: readonly unknown[] = [
  withoutPrototype,
  { toString: refuse },
  { toString: () => ({}), valueOf: () => ({}) },
  Symbol("thrown"),
  deaf,
  blind,
  undefined,
  null,
  errorWith({ message: withoutPrototype }),
  errorWith({ message: undefined, name: undefined, stack: undefined }),
  errorWith({ name: Symbol("name"), stack: Symbol("stack") }),
  errorWith({ name: withoutPrototype, stack: withoutPrototype }),
];
const anything = fc.anything({ withNullPrototype: true });

/** Not by fast-check alone: it looks at its values itself. */
function forEveryThrownValue(check: (value: unknown) => void): void {
  for (const value of hostile) check(value);
  fc.assert(fc.property(anything, (value) => void check(value)));
}

const record: IncomingRecord = { topic: "t", partition: 0, offset: 1, key: null, value: null, headers: {}, timestamp: 2 };

let lab: Lab | undefined;
afterEach(() => lab?.close());

describe("messageOf", () => {
  it("says what can be said of whatever was thrown", () => {
    expect(messageOf(new Error("no luck"))).toBe("no luck");
    expect(messageOf("text")).toBe("text");
    expect(messageOf(undefined)).toBe("undefined");
    expect(messageOf(Symbol("s"))).toBe("Symbol(s)");
    for (const value of [withoutPrototype, blind, deaf, { toString: refuse }]) {
      expect(messageOf(value)).toBe("a value that cannot be read as text was thrown");
    }
    forEveryThrownValue((value) => expect(messageOf(value)).toBeTypeOf("string"));
  });
});

describe("legible", () => {
  it("is the thrown value itself unless that cannot be looked at", () => {
    const error = new TypeError("no luck");
    expect(legible(error)).toBe(error);
    expect(legible(withoutPrototype)).toBe(withoutPrototype);
    expect(legible(deaf)).toEqual(new Error("a value that cannot be read as text was thrown"));
    expect(BusError.from(blind, "publish_failed").code).toBe("publish_failed");
  });
});

describe("deadLetterRecord", () => {
  it("is made of every thrown value", () => {
    forEveryThrownValue((error) => {
      const { headers } = deadLetterRecord(record, { group: "g", attempts: 1, stage: "handler", error, failedAt: 3 });
      expect(headerText(headers, "bus-dlq-error-message")?.length).toBeLessThanOrEqual(1_000);
      expect(headerText(headers, "bus-dlq-error-class")).toBeTypeOf("string");
    });
  });
});

describe("a handler that throws any value", () => {
  it("ends in the dead letter, and the next message of the key goes on", async () => {
    const sample = [...hostile, ...fc.sample(anything, { numRuns: 50, seed: 1 })];
    const opened = await createLab();
    lab = opened;
    await opened.publish(...sample.map(() => "bad"), "bad");
    let reached = false;
    const failure = { attempts: 2, initialBackoffMs: 0 };
    const consumption = opened.bus.consume(Reading, { group: "g", failure }, ({ celsius }, { attempt }) => {
      if (celsius === sample.length) reached = true;
      // half of them reject, half throw
      else if (attempt % 2 === 0) return Promise.reject(sample[celsius]);
      else throw sample[celsius];
      return undefined;
    });
    await until(() => reached);
    await consumption.close();
    expect(await opened.committed("g")).toEqual(await opened.ends());
    expect(await opened.read("lab.readings.g.dlq")).toHaveLength(sample.length);
  });
});
