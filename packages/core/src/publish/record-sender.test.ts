import { getEventListeners } from "node:events";
import { trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { BusError } from "../errors.js";
import { settled } from "../testing/manual-clock.js";
import { celsiusOf, failure, reading, setupPublisher as setup } from "../testing/publisher-setup.js";
import { Reading } from "../testing/reading.js";

const writtenOnce = new BusError("transport_failed", "connection reset", { retryable: true, mayHaveBeenWritten: true });
const notWritten = new BusError("transport_failed", "not enough replicas", { retryable: true });

describe("failures of a send", () => {
  it("keeps the order of a key when a record has to be sent again", async () => {
    const { publisher, transport, clock } = setup({ maxBatchRecords: 2 });
    transport.automatic = false;
    const all = Promise.all([1, 2, 3, 4].map((celsius) => publisher.publish(Reading, reading("a", celsius))));
    (await transport.nth(0)).answer(() => notWritten);
    await clock.advance(100);
    const again = await transport.nth(1);
    expect(again.records.map(celsiusOf)).toEqual([1, 2]);
    again.answer();
    const rest = await transport.nth(2);
    expect(rest.records.map(celsiusOf)).toEqual([3, 4]);
    rest.answer();
    expect((await all).map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
  });

  it("never sends again what may have been written", async () => {
    const { publisher, transport } = setup();
    transport.automatic = false;
    const result = failure(publisher.publish(Reading, reading("a")));
    (await transport.nth(0)).answer(() => writtenOnce);
    const error = await result;
    expect([error.code, error.message]).toEqual(["publish_failed", "lab.v1.Reading was not published to lab.readings: connection reset"]);
    expect([error.mayHaveBeenWritten, error.retryable, error.cause]).toEqual([true, true, writtenOnce]);
    await settled();
    expect(transport.sends.length).toBe(1);
  });

  it("takes it that records may have been written when the transport fails as a whole, and goes on", async () => {
    const { publisher, transport } = setup();
    transport.automatic = false;
    const result = failure(publisher.publish(Reading, reading("a")));
    (await transport.nth(0)).reject(new TypeError("x is not a function"));
    const error = await result;
    expect([error.code, error.message]).toEqual(["publish_failed", "lab.v1.Reading was not published to lab.readings: x is not a function"]);
    expect(error.mayHaveBeenWritten).toBe(true);
    transport.automatic = true;
    expect((await publisher.publish(Reading, reading("a"))).offset).toBe(0);
  });

  it("leaves no message unsettled when a tracer throws", async () => {
    const recorded = trace.wrapSpanContext({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 });
    recorded.isRecording = () => true;
    const startSpan = (name: string) => {
      if (name.startsWith("send")) throw new Error("tracer is broken");
      return recorded;
    };
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan: () => undefined }) });
    const { publisher } = setup();
    const error = await failure(publisher.publish(Reading, reading("a"))).finally(() => trace.disable());
    expect([error.code, error.message]).toEqual(["publish_failed", "lab.v1.Reading was not published to lab.readings: tracer is broken"]);
    expect((await publisher.publish(Reading, reading("a"))).offset).toBe(0);
  });

  it("gives up after deliveryTimeoutMs and says why", async () => {
    const { publisher, transport, clock } = setup({ deliveryTimeoutMs: 250 });
    transport.automatic = false;
    const result = failure(publisher.publish(Reading, reading("a")));
    (await transport.nth(0)).answer(() => notWritten);
    await clock.advance(100);
    (await transport.nth(1)).answer(() => notWritten);
    await clock.advance(150);
    const error = await result;
    expect(error.code).toBe("publish_failed");
    expect(error.message).toBe(
      "lab.v1.Reading for topic lab.readings was not acknowledged within 250 ms (deliveryTimeoutMs): it was not sent; last error: not enough replicas",
    );
    expect([error.mayHaveBeenWritten, error.cause]).toEqual([false, notWritten]);
    await clock.advance(1_000);
    expect([transport.sends.length, clock.pending]).toEqual([2, 0]);
  });

  it("says of a message that is out when its time is over that it may have been written", async () => {
    const { publisher, transport, clock } = setup();
    transport.automatic = false;
    const result = failure(publisher.publish(Reading, reading("a"), { deliveryTimeoutMs: 40 }));
    const send = await transport.nth(0);
    expect(send.timeoutMs).toBe(36);
    await clock.advance(40);
    const error = await result;
    expect(error.message).toBe(
      "lab.v1.Reading for topic lab.readings was not acknowledged within 40 ms (deliveryTimeoutMs): it was being sent and may have been written",
    );
    expect(error.mayHaveBeenWritten).toBe(true);
    send.answer();
    await settled();
    transport.automatic = true;
    expect((await publisher.publish(Reading, reading("a"))).offset).toBe(1);
  });

  it("waits for a producer as long as that may come, and gives up on one that may not", async () => {
    const { publisher, transport, clock } = setup();
    transport.nextFault = new BusError("transport_failed", "connection refused", { retryable: true });
    const patient = publisher.publish(Reading, reading("a"));
    await clock.advance(100);
    expect((await patient).offset).toBe(0);

    const other = setup();
    other.transport.nextFault = new BusError("not_authenticated", "wrong password");
    const refused = await Promise.all([1, 2].map((celsius) => failure(other.publisher.publish(Reading, reading("a", celsius)))));
    expect(refused.map(({ code, message }) => [code, message])).toEqual(Array(2).fill(["not_authenticated", "wrong password"]));
    expect((await other.publisher.publish(Reading, reading("a"))).offset).toBe(0);
  });
});

describe("timers", () => {
  it("are not left behind when everything is acknowledged: they would keep the process alive", async () => {
    const { publisher, clock } = setup();
    await publisher.publish(Reading, reading("a"));
    await settled();
    expect(clock.pending).toBe(0);
  });
});

describe("an AbortSignal", () => {
  it("takes back what is not sent yet", async () => {
    const { publisher, transport } = setup();
    transport.automatic = false;
    const first = publisher.publish(Reading, reading("a", 1));
    const send = await transport.nth(0);
    const abort = new AbortController();
    const second = failure(publisher.publish(Reading, reading("a", 2), { signal: abort.signal }));
    const third = publisher.publish(Reading, reading("a", 3));
    abort.abort(new Error("changed my mind"));
    const error = await second;
    expect([error.code, error.mayHaveBeenWritten]).toEqual(["aborted", false]);
    expect(error.message).toBe("publishing lab.v1.Reading to lab.readings was aborted: it was not sent");
    send.answer();
    const next = await transport.nth(1);
    expect(next.records.map(celsiusOf)).toEqual([3]);
    next.answer();
    await Promise.all([first, third]);
  });

  it("says of what is being sent that it may have been written", async () => {
    const { publisher, transport } = setup();
    transport.automatic = false;
    const abort = new AbortController();
    const result = failure(publisher.publish(Reading, reading("a"), { signal: abort.signal }));
    const send = await transport.nth(0);
    abort.abort();
    const error = await result;
    expect([error.code, error.mayHaveBeenWritten]).toEqual(["aborted", true]);
    send.answer();
    await publisher.close();
  });

  it("takes back all that it is shared by and that is left", async () => {
    const { publisher, transport } = setup();
    transport.automatic = false;
    const abort = new AbortController();
    const first = publisher.publish(Reading, reading("a", 1), { signal: abort.signal });
    (await transport.nth(0)).answer();
    await first;
    const blocking = publisher.publish(Reading, reading("a", 2));
    const send = await transport.nth(1);
    const left = [3, 4].map((celsius) => failure(publisher.publish(Reading, reading("a", celsius), { signal: abort.signal })));
    expect(getEventListeners(abort.signal, "abort").length).toBe(1);
    abort.abort();
    expect((await Promise.all(left)).map(({ code }) => code)).toEqual(["aborted", "aborted"]);
    expect(getEventListeners(abort.signal, "abort").length).toBe(0);
    send.answer();
    await blocking;
    expect(transport.sends.length).toBe(2);
  });

  it("may be shared by many messages, and keeps no listener of those that are settled", async () => {
    const { publisher } = setup();
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.name);
    process.on("warning", onWarning);
    const { signal } = new AbortController();
    await publisher.publishAll(
      Reading,
      Array.from({ length: 2_000 }, () => reading("a")),
      { signal },
    );
    await settled();
    process.removeListener("warning", onWarning);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("that has fired already lets nothing through", async () => {
    const { publisher, transport } = setup();
    const error = await failure(publisher.publish(Reading, reading("a"), { signal: AbortSignal.abort() }));
    expect([error.code, error.mayHaveBeenWritten]).toEqual(["aborted", false]);
    await settled();
    expect(transport.sends).toEqual([]);
  });

  it("gives back the room of what was taken back", async () => {
    const { publisher, transport } = setup({ maxBufferedBytes: 500 });
    transport.automatic = false;
    const out = publisher.publish(Reading, reading("a", 1));
    const send = await transport.nth(0);
    const abort = new AbortController();
    const taken = [2, 3, 4].map((celsius) => failure(publisher.publish(Reading, reading("a", celsius), { signal: abort.signal })));
    abort.abort();
    await Promise.all(taken);
    let encoded = false;
    const Watched = {
      ...Reading,
      encode: (message: Reading) => {
        encoded = true;
        return Reading.encode(message);
      },
    };
    const last = publisher.publish(Watched, reading("a", 5));
    expect(encoded).toBe(true);
    send.answer();
    (await transport.nth(1)).answer();
    await Promise.all([out, last]);
  });
});
