import { describe, expect, it } from "vitest";
import { failure, reading, setupPublisher } from "../testing/publisher-setup.js";
import { CurrentReading, Reading } from "../testing/reading.js";
import type { PublishOptions } from "./publish.js";

const wrong = (options: unknown) => options as PublishOptions;

describe("publishOptionsFault", () => {
  it.each([
    [{ timeout: 10 }, "timeout is not an option of publish (there are headers, timestamp, signal, deliveryTimeoutMs)"],
    [{ header: {} }, "header is not an option of publish (is headers meant?)"],
    [{ deliveryTimeoutMs: "10" }, 'deliveryTimeoutMs "10" must be a number > 0'],
    [{ deliveryTimeoutMs: 0 }, "deliveryTimeoutMs 0 must be > 0"],
    [{ deliveryTimeoutMs: Number.NaN }, "deliveryTimeoutMs NaN must be > 0"],
    [{ signal: "x", timestamp: -1 }, 'timestamp -1 must be an integer >= 0, in ms since the epoch; signal "x" must be an AbortSignal'],
    [{ headers: "a" }, 'headers "a" must be an object of strings and Uint8Arrays'],
    [null, "options must be an object, is null"],
    [5000, "options must be an object, is the number 5000"],
  ])("refuses %j", async (options, text) => {
    const { publisher } = setupPublisher();
    const error = await failure(publisher.publish(Reading, reading("a"), wrong(options)));
    expect([error.code, error.message]).toEqual(["invalid_options", `publish: ${text}`]);
  });

  it("is asked by publishAll and publishTombstone too, once", async () => {
    const { publisher } = setupPublisher();
    const all = await failure(publisher.publishAll(Reading, [reading("a"), reading("b")], wrong({ signal: 1 })));
    expect(all.message).toBe("publishAll: signal 1 must be an AbortSignal");
    const tombstone = await failure(publisher.publishTombstone(CurrentReading, "a", wrong({ signal: 1 })));
    expect(tombstone.message).toBe("publishTombstone: signal 1 must be an AbortSignal");
  });

  it("takes all options there are", async () => {
    const { publisher } = setupPublisher();
    const options = { headers: { a: "b" }, timestamp: 0, signal: new AbortController().signal, deliveryTimeoutMs: 0.5 };
    expect((await publisher.publish(Reading, reading("a"), options)).offset).toBe(0);
  });
});

describe("Publisher", () => {
  it("refuses what is no contract and what is no array of messages", async () => {
    const { publisher } = setupPublisher();
    const text = "contract undefined must be a contract, as bus gen makes them";
    // the types refuse these; a caller in JavaScript can pass them
    expect((await failure(publisher.publish(undefined as unknown as typeof Reading, reading("a")))).message).toBe(text);
    expect((await failure(publisher.publishAll(undefined as unknown as typeof Reading, []))).message).toBe(text);
    const error = await failure(publisher.publishAll(Reading, "ab" as unknown as Reading[]));
    expect([error.code, error.message]).toEqual(["invalid_options", "publishAll: messages must be an array, is a string"]);
  });
});

describe("publishTombstone", () => {
  it.each([
    ["text", "", "key must not be empty: it would be none"],
    ["text", new Uint8Array(), "key must be a string, is a Uint8Array: the key field of lab.v1.CurrentReading is one"],
    ["text", 12, "key must be a string, is the number 12: the key field of lab.v1.CurrentReading is one"],
    ["text", "a\ud800", "key must be well-formed text: it has a lone surrogate"],
    [undefined, "a\ud800", "key must be well-formed text: it has a lone surrogate"],
    [undefined, new Uint8Array(), "key must not be empty: it would be none"],
    ["integer", "012", "key must be an integer, is a string: the key field of lab.v1.CurrentReading is one"],
    ["bytes", "a", "key must be a Uint8Array, is a string: the key field of lab.v1.CurrentReading is one"],
    ["integer", 0.5, "key 0.5 must be a string, a safe integer, a bigint or a Uint8Array"],
  ] as const)("refuses for a key that is %s the key %j", async (keyKind, key, text) => {
    const { publisher } = setupPublisher();
    const contract = keyKind === undefined ? CurrentReading : { ...CurrentReading, keyKind };
    const error = await failure(publisher.publishTombstone(contract, key));
    expect([error.code, error.message]).toEqual(["invalid_options", text]);
  });

  it.each([
    ["text", "a", "a"],
    ["integer", -12n, "-12"],
    ["integer", 12, "12"],
    ["integer", "-12", "-12"],
    ["bytes", Uint8Array.of(97), "a"],
  ] as const)("takes for a key that is %s the key %s", async (keyKind, key, text) => {
    const { publisher, transport } = setupPublisher();
    await publisher.publishTombstone({ ...CurrentReading, keyKind }, key);
    expect(Buffer.from(transport.sends[0]?.records[0]?.key ?? []).toString()).toBe(text);
  });
});
