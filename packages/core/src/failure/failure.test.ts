import { afterEach, describe, expect, it } from "vitest";
import { BusError } from "../errors.js";
import { createLab, endOf, Gate, type Lab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";
import { headerText, type OutgoingRecord } from "../transport/record.js";

let lab: Lab;
afterEach(() => lab.close());

const text = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes));
const deadLetters = "lab.readings.g.dlq";
const failure = { attempts: 3, initialBackoffMs: 1, maxBackoffMs: 2 };

/** Puts a record into the log past every check. */
async function write(record: Partial<OutgoingRecord>): Promise<void> {
  const producer = await lab.transport.createProducer();
  const full = { topic: "lab.readings", partition: 0, key: null, value: null, headers: {}, timestamp: 1, ...record };
  await producer.send([full], { timeoutMs: 1_000 });
  await producer.close();
}

describe("a handler that fails", () => {
  it("is tried again, then its message goes to the dead letter while the others go on", async () => {
    lab = await createLab();
    await lab.publish("bad", "a", "bad", "b");
    const attempts: number[] = [];
    const handled: number[] = [];
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, async ({ celsius }, delivery) => {
      if (celsius === 0) {
        attempts.push(delivery.attempt);
        throw new TypeError(`no luck ${delivery.attempt}`);
      }
      handled.push(celsius);
    });
    await until(() => handled.length === 3);
    await consumption.close();
    expect(attempts).toEqual([1, 2, 3]);
    expect(await lab.committed("g")).toEqual(await lab.ends());

    const [letter, ...others] = await lab.read(deadLetters);
    expect(others).toEqual([]);
    const [original] = (await lab.read("lab.readings")).filter((record) => text(record.value)?.includes('"celsius":0'));
    expect(letter?.partition).toBe(original?.partition);
    expect(text(letter?.key ?? null)).toBe("bad");
    expect(letter?.value).toEqual(original?.value);
    expect(letter?.timestamp).toBe(Number(headerText(letter?.headers ?? {}, "bus-dlq-failed-at")));
    const headers = Object.fromEntries(Object.keys(letter?.headers ?? {}).map((name) => [name, headerText(letter?.headers ?? {}, name)]));
    for (const name of Object.keys(original?.headers ?? {})) expect(headers[name]).toBe(headerText(original?.headers ?? {}, name));
    expect(headers).toMatchObject({
      "bus-dlq-topic": "lab.readings",
      "bus-dlq-partition": String(original?.partition),
      "bus-dlq-offset": String(original?.offset),
      "bus-dlq-timestamp": String(original?.timestamp),
      "bus-dlq-group": "g",
      "bus-dlq-attempts": "3",
      "bus-dlq-stage": "handler",
      "bus-dlq-error-class": "TypeError",
      "bus-dlq-error-message": "no luck 3",
    });
    expect(headers["bus-dlq-error-stack"]).toContain("failure.test.ts");
    expect(headers["bus-dlq-error-code"]).toBeUndefined();
  });

  it("is not tried again after an error that says so", async () => {
    lab = await createLab();
    await lab.publish("bad");
    let attempts = 0;
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, () => {
      attempts++;
      throw new BusError("contract_violation", "never");
    });
    await until(async () => (await lab.ends(deadLetters).catch(() => [])).some((end) => end > 0));
    await consumption.close();
    expect(attempts).toBe(1);
    const [letter] = await lab.read(deadLetters);
    expect(headerText(letter?.headers ?? {}, "bus-dlq-error-code")).toBe("contract_violation");
    expect(headerText(letter?.headers ?? {}, "bus-dlq-attempts")).toBe("1");
  });

  it("has a dead letter without the text of its error where that is what the topic finds too large", async () => {
    const names: string[][] = [];
    const tooLarge = new BusError("record_too_large", "the topic takes less");
    lab = await createLab({
      send: ({ topic, records }) => {
        if (topic !== deadLetters) return undefined;
        names.push(Object.keys(records[0]?.headers ?? {}));
        return names.length === 1 ? { fail: "before", error: tooLarge } : undefined;
      },
    });
    await lab.publish("bad");
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, () => {
      throw new Error("no luck");
    });
    await until(() => names.length === 2);
    await consumption.close();
    expect(names[0]?.filter((name) => !names[1]?.includes(name))).toEqual(["bus-dlq-error-message", "bus-dlq-error-stack"]);
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("stops the stream when its dead letter is too large without the text of its error as well", async () => {
    let sends = 0;
    lab = await createLab({
      send: ({ topic }) => {
        if (topic !== deadLetters) return undefined;
        sends++;
        return { fail: "before", error: new BusError("record_too_large", "the topic takes less") };
      },
    });
    await lab.publish("bad");
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, () => {
      throw new Error("no luck");
    });
    expect(await endOf(consumption)).toMatchObject({ code: "handler_failed", cause: { code: "record_too_large" } });
    expect(sends).toBe(2);
  });

  it("has a dead letter also when that is larger than a batch may be", async () => {
    lab = await createLab();
    const value = new TextEncoder().encode(JSON.stringify({ sensor: "a", celsius: "x".repeat(999_900) }));
    await write({ value });
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, () => {
      throw new Error("no luck");
    });
    await until(async () => (await lab.ends(deadLetters).catch(() => [])).some((end) => end === 1));
    await consumption.close();
    expect((await lab.read(deadLetters))[0]?.value).toEqual(value);
  });

  it.each([
    ["not_authorized", "reader may not write to lab.readings.g.dlq", ""],
    ["publish_failed", "this record has failed the validation", "a record was not published to lab.readings.g.dlq: "],
    ["unsupported", "the broker takes no such records", ""],
  ] as const)("stops the stream when its dead letter can never be written (%s), and settles nothing", async (code, message, prefix) => {
    const refused = new BusError(code, message);
    lab = await createLab({ send: ({ topic }) => (topic === deadLetters ? { fail: "before", error: refused } : undefined) });
    await lab.publish("bad");
    const [{ partition } = { partition: -1 }] = await lab.read("lab.readings");
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, () => {
      throw new Error("no luck");
    });
    await expect(consumption.closed).rejects.toThrow(
      `the dead letter of lab.readings[${partition}] offset 0 cannot be written, and without it the offset cannot be passed: ${prefix}${message}`,
    );
    expect(await lab.committed("g")).toEqual([0, 0, 0, 0]);
  });

  it("leaves its offset unsettled until the dead letter is acknowledged, however long that fails", async () => {
    let failing = true;
    let sends = 0;
    lab = await createLab({
      send: ({ topic }) => {
        if (topic !== deadLetters) return undefined;
        sends++;
        return failing ? { fail: "before", error: new BusError("transport_failed", "disk full") } : undefined;
      },
    });
    await lab.publish("bad", "bad", "good");
    const handled: number[] = [];
    const options = { group: "g", failure: { ...failure, attempts: 2 }, commitIntervalMs: 5 };
    const consumption = lab.bus.consume(Reading, options, ({ celsius }) => {
      if (celsius === 0) throw new Error("no luck");
      handled.push(celsius);
    });
    await until(() => sends >= 4);
    expect(handled).toEqual([2]);
    const held = consumption.explain().partitions.find((partition) => partition.heldBy !== undefined);
    expect(held).toMatchObject({ frontier: 0, unsettled: 2, heldBy: { offset: 0, key: "bad", state: "deadLetter", attempt: 2, waitingBehind: 1 } });
    expect(held?.heldBy?.lastError).toContain("the dead letter could not be written");
    expect((await lab.committed("g"))[held?.partition ?? -1]).toBe(0);
    failing = false;
    await until(() => handled.length === 2);
    await consumption.close();
    expect(await lab.committed("g")).toEqual(await lab.ends());
    expect((await lab.read(deadLetters)).length).toBe(1);
  });

  it("stops the stream where the policy says so, and settles nothing of its message", async () => {
    lab = await createLab();
    await lab.publish("a", "a", "a");
    const partition = (await lab.ends()).indexOf(3);
    const consumption = lab.bus.consume(Reading, { group: "g", failure: { ...failure, otherwise: "stop" } }, ({ celsius }) => {
      if (celsius === 1) throw new Error("no luck");
    });
    const error = await endOf(consumption);
    expect(error).toMatchObject({
      code: "handler_failed",
      message: `handler failed on lab.readings[${partition}] offset 1 after 3 attempts: no luck`,
      details: { topic: "lab.readings", partition, offset: 1, group: "g", attempts: 3 },
    });
    expect(consumption.state).toBe("failed");
    expect((await lab.committed("g"))[partition]).toBe(1);
    expect([...(await lab.transport.admin.describeTopics([deadLetters])).keys()]).toEqual([]);
    expect(lab.logged).toMatchObject([{ level: "error", message: "the stream has stopped" }]);
    await consumption.close();
  });
});

describe("a record that does not decode", () => {
  it("has a dead letter of now, however old it is: the topic may refuse what is not of its time", async () => {
    lab = await createLab();
    await write({ value: new TextEncoder().encode("{"), timestamp: 1 });
    const before = Date.now();
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, () => {});
    await until(async () => (await lab.ends(deadLetters).catch(() => [])).some((end) => end === 1));
    await consumption.close();
    const [letter] = await lab.read(deadLetters);
    expect(letter?.timestamp).toBeGreaterThanOrEqual(before);
    expect(headerText(letter?.headers ?? {}, "bus-dlq-timestamp")).toBe("1");
  });

  it("goes to the dead letter at once, and so does a tombstone where there are none", async () => {
    lab = await createLab();
    const garbage = new TextEncoder().encode("{");
    await write({ value: garbage, key: new Uint8Array([0xff, 0]) });
    await write({ value: null });
    await lab.publish("a");
    const gate = new Gate<string>();
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, ({ sensor }) => gate.pass(sensor));
    await until(async () => (await lab.ends(deadLetters).catch(() => []))[0] === 2 && gate.entered.length === 1);
    gate.open();
    await consumption.close();
    expect(await lab.committed("g")).toEqual(await lab.ends());
    const [first, second] = await lab.read(deadLetters);
    expect(first?.value).toEqual(garbage);
    expect(first?.key).toEqual(new Uint8Array([0xff, 0]));
    expect(headerText(first?.headers ?? {}, "bus-dlq-error-code")).toBe("malformed_message");
    expect(second?.value).toBeNull();
    expect(headerText(second?.headers ?? {}, "bus-dlq-error-message")).toBe(
      "a null value is a tombstone, and lab.v1.Reading has none: the cleanup of topic lab.readings is declared as delete, not compact",
    );
  });

  it("stops the stream where the policy says so", async () => {
    lab = await createLab();
    await write({ value: new TextEncoder().encode("{") });
    const consumption = lab.bus.consume(Reading, { group: "g", failure: { otherwise: "stop" } }, () => {});
    expect(await endOf(consumption)).toMatchObject({
      code: "handler_failed",
      details: { partition: 0, offset: 0 },
      cause: { code: "malformed_message" },
    });
    expect(await lab.committed("g")).toEqual([0, 0, 0, 0]);
  });
});

describe("a message that becomes a dead letter", () => {
  it("is told in the log, without what its error says", async () => {
    lab = await createLab();
    await lab.publish("bad");
    const [{ partition } = { partition: -1 }] = await lab.read("lab.readings");
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, () => {
      throw new TypeError("secret");
    });
    await until(() => lab.logged.length === 1);
    await consumption.close();
    const fields = { group: "g", topic: "lab.readings", partition, offset: 0, attempts: 3, stage: "handler", error: "TypeError", suppressed: 0 };
    expect(lab.logged).toEqual([{ level: "warn", message: "a record became a dead letter", fields }]);
  });
});
