import type { ServerResponse } from "node:http";
import { propagation, ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { type ConnectRecord, Secret, type WriteOutcome } from "@org/bus-connect";
import { describe, expect, test } from "vitest";
import { connectorContext } from "../../../../test/support/connector-context.js";
import { signatureFault, signatureOption } from "../signature/signature.js";
import { type Asked, startServer } from "../testing/http-server.js";
import { httpSink } from "./http-sink.js";
import type { HttpSinkOptions } from "./options.js";

const record = <T>(value: T, id = `r${value}`): ConnectRecord<T> => ({
  value,
  id,
  key: null,
  timestamp: undefined,
  headers: {},
  context: ROOT_CONTEXT,
});
const numbers = (count: number) => Array.from({ length: count }, (_, index) => record(index));

type Answer = (asked: Asked, response: ServerResponse) => void;

/** Writes records once to a server that answers as told. */
async function write(
  options: Partial<HttpSinkOptions>,
  records: readonly ConnectRecord<unknown>[],
  answer: Answer = (_, response) => response.end(),
) {
  await using server = await startServer(answer);
  const writer = await httpSink({ url: server.url, ...options }).open(connectorContext());
  try {
    const outcomes = await writer.write(records, { signal: new AbortController().signal, attempt: 1 });
    return { outcomes, asked: server.asked, url: server.url };
  } finally {
    await writer.close();
  }
}
const statuses = (outcomes: readonly WriteOutcome[]) => outcomes.map(({ status }) => status);

describe("httpSink", () => {
  test("sends records as a list, a value a line, or alone, with the same id at every try", async () => {
    const list = await write({}, [record({ big: 2n ** 60n }, "a"), record({ bytes: new Uint8Array([1]) }, "b")]);
    expect(statuses(list.outcomes)).toEqual(["written", "written"]);
    expect(list.asked.map(({ body }) => body)).toEqual(['[{"big":"1152921504606846976"},{"bytes":"AQ=="}]']);
    expect(list.asked[0]?.headers).toMatchObject({ "content-type": "application/json", "idempotency-key": expect.stringMatching(/^[0-9a-f]{64}$/) });
    const again = await write({}, [record({ big: 2n ** 60n }, "a"), record({}, "b")]);
    expect(again.asked[0]?.headers["idempotency-key"]).toBe(list.asked[0]?.headers["idempotency-key"]);

    const lines = await write({ body: "ndjson" }, numbers(2));
    expect(lines.asked[0]).toMatchObject({ body: "0\n1\n", headers: { "content-type": "application/x-ndjson" } });

    const alone = await write({ body: "record", method: "PUT", idempotencyHeader: "X-Id", row: ({ value }) => ({ value }) }, numbers(2));
    expect(alone.asked.map(({ method, body, headers }) => [method, body, headers["x-id"]])).toEqual([
      ["PUT", '{"value":0}', "r0"],
      ["PUT", '{"value":1}', "r1"],
    ]);
  });

  test.each([
    [200, "written"],
    [204, "written"],
    [302, "rejected"],
    [401, "rejected"],
    [404, "rejected"],
    [408, "retriable"],
    [425, "retriable"],
    [429, "retriable"],
    [500, "retriable"],
    [503, "retriable"],
  ])("takes %i as %s, and waits as long as it is asked to", async (status, expected) => {
    const { outcomes, url } = await write({}, numbers(2), (_, response) =>
      response.writeHead(status, { "retry-after": "120" }).end(status === 204 ? "" : "secret"),
    );
    expect(statuses(outcomes)).toEqual([expected, expected]);
    if (expected === "retriable") expect(outcomes[0]).toMatchObject({ retryAfterMs: 120_000, error: { message: `${url} answered ${status}` } });
  });

  test("waits until a date, too", async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    const { outcomes } = await write({}, numbers(1), (_, response) => response.writeHead(503, { "retry-after": date }).end());
    expect(outcomes[0]).toMatchObject({ status: "retriable", retryAfterMs: expect.any(Number) });
    const [outcome] = outcomes;
    if (outcome?.status === "retriable") expect(Math.abs((outcome.retryAfterMs ?? 0) - 60_000)).toBeLessThan(10_000);
  });

  test("finds the record for which a body is refused", async () => {
    const answer: Answer = ({ body }, response) => response.writeHead((JSON.parse(body) as number[]).includes(5) ? 422 : 200).end();
    const { outcomes, asked } = await write({}, numbers(8), answer);
    expect(statuses(outcomes)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((value) => (value === 5 ? "rejected" : "written")));
    expect(asked).toHaveLength(7);
  });

  test("takes what an answer tells of each record", async () => {
    const outcomes: HttpSinkOptions["outcomes"] = ({ body }) =>
      (body as { ok: boolean }[]).map(({ ok }) => (ok ? { status: "written" } : { status: "rejected", error: new Error("no") }));
    const told = await write({ outcomes }, numbers(2), (_, response) => response.end('[{"ok":true},{"ok":false}]'));
    expect(statuses(told.outcomes)).toEqual(["written", "rejected"]);
    await expect(write({ outcomes }, numbers(3), (_, response) => response.end('[{"ok":true}]'))).rejects.toThrow(
      "outcomes told of 1 records, but 3 were sent",
    );
  });

  test("rejects what has no JSON, and sends the rest when it comes alone", async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const { outcomes, asked } = await write({ body: "record" }, [record(cyclic, "bad"), record(1)]);
    expect(statuses(outcomes)).toEqual(["rejected", "written"]);
    expect(asked).toHaveLength(1);
    const many = await write({}, [record(cyclic, "bad"), record(1), record(undefined, "none")]);
    expect(statuses(many.outcomes)).toEqual(["rejected", "written", "rejected"]);
    expect(many.asked.map(({ body }) => body)).toEqual(["[1]"]);
  });

  test("fails for a while when nobody answers, or not in time", async () => {
    const cut: Answer = (_, response) => response.destroy();
    await expect(write({}, numbers(1), cut)).rejects.toMatchObject({ code: "transport_failed", retryable: true });
    await expect(write({ timeoutMs: 50 }, numbers(1), () => {})).rejects.toMatchObject({ code: "transport_failed", retryable: true });
  });

  test("rejects a record whose row is a promise", async () => {
    const row = () => Promise.reject(new Error("boom"));
    const { outcomes, asked } = await write({ row }, numbers(1));
    expect(outcomes).toMatchObject([{ status: "rejected", error: { message: expect.stringContaining("row of httpSink must answer at once") } }]);
    expect(asked).toEqual([]);
  });

  test("checks whether somebody listens, and sends nothing", async () => {
    const server = await startServer((_, response) => response.end());
    await httpSink({ url: server.url }).check?.(connectorContext());
    expect(server.asked).toEqual([]);
    await server[Symbol.asyncDispose]();
    await expect(httpSink({ url: server.url }).check?.(connectorContext())).rejects.toMatchObject({
      code: "transport_failed",
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ cannot be reached: connect ECONNREFUSED/),
    });
    await expect(httpSink({ url: "https://no.such.host.invalid/x" }).check?.(connectorContext())).rejects.toThrow(
      "no.such.host.invalid:443 cannot be reached: getaddrinfo E",
    );
  });

  test("signs as the receivers check it, and keeps secrets out of what is printed", async () => {
    const secret = new Secret("a test", () => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    for (const scheme of ["github", "stripe", "standard-webhooks"] as const) {
      const options = { signature: { scheme, secret }, headers: { authorization: new Secret("a test", () => "Bearer hidden") } };
      const { asked } = await write(options, numbers(1));
      const [request] = asked;
      const signature = signatureOption.parse({ scheme, secret });
      expect(signatureFault(signature, Buffer.from(request?.body ?? ""), request?.headers ?? {}, Date.now())).toBeUndefined();
      expect(signatureFault(signature, Buffer.from("[1]"), request?.headers ?? {}, Date.now())).toBe("has another signature");
      expect(request?.headers.authorization).toBe("Bearer hidden");
      expect(JSON.stringify(options)).not.toMatch(/hidden|whsec/);
    }
  });

  test("hands on the trace of a record that goes alone", async () => {
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    try {
      const span = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: TraceFlags.SAMPLED };
      const { asked } = await write({ body: "record" }, [{ ...record(1), context: trace.setSpanContext(ROOT_CONTEXT, span) }]);
      expect(asked[0]?.headers.traceparent).toBe("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    } finally {
      propagation.disable();
    }
  });

  test("keeps to its rate", async () => {
    let nowMs = 0;
    const sentAt: number[] = [];
    await using server = await startServer((_, response) => {
      sentAt.push(nowMs);
      response.end();
    });
    const clock = {
      now: () => nowMs,
      schedule: (delayMs: number, callback: () => void) => {
        nowMs += delayMs;
        queueMicrotask(callback);
        return () => {};
      },
    };
    const writer = await httpSink({ url: server.url, body: "record", requestsPerSecond: 4 }).open(connectorContext({ clock }));
    await writer.write(numbers(5), { signal: new AbortController().signal, attempt: 1 });
    await writer.close();
    expect(sentAt).toEqual([0, 250, 500, 750, 1000]);
  });
});
