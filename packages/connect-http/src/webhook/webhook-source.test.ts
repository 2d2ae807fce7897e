import { createHmac } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { propagation, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { type ConnectRecord, Secret, type Source, type SourceBatch } from "@org/bus-connect";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { connectorContext, splitContext } from "../../../../test/support/connector-context.js";
import type { WebhookSourceOptions } from "./options.js";
import { webhookSource } from "./webhook-source.js";

const secret = (value: string) => new Secret("a test", () => value);

/** A source that is read by hand. */
class Receiver<T> implements AsyncDisposable {
  readonly logged: string[] = [];
  readonly #stop = new AbortController();
  readonly #reading: AsyncIterator<SourceBatch<T>>;
  readonly #address = Promise.withResolvers<string>();

  constructor(source: Source<T>, now: () => number = Date.now) {
    const info = (fields: object) => this.#address.resolve(String((fields as { address: string }).address));
    const warn = (_: object, message: string) => this.logged.push(message);
    const clock = {
      now,
      schedule: (delayMs: number, callback: () => void) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
    };
    const context = splitContext("0", undefined, { signal: this.#stop.signal, clock, logger: { debug() {}, info, warn, error: warn } });
    this.#reading = source.read(context)[Symbol.asyncIterator]();
  }

  async next(): Promise<SourceBatch<T>> {
    const { value, done } = await this.#reading.next();
    if (done === true) throw new Error("the source has ended");
    return value;
  }

  /** Acknowledges whatever comes, and gives it back. */
  writing(): ConnectRecord<T>[] {
    const records: ConnectRecord<T>[] = [];
    const go = async () => {
      for (;;) {
        const { value, done } = await this.#reading.next();
        if (done === true) return;
        records.push(...value.records);
        await value.acknowledge?.();
      }
    };
    void go();
    return records;
  }

  async post(body: string | Uint8Array, headers: Record<string, string> = {}, path = "/") {
    const response = await fetch(`${await this.#address.promise}${path}`, { method: "POST", body, headers });
    const json = (await response.json()) as Record<string, unknown>;
    return { status: response.status, json, retryAfter: response.headers.get("retry-after") };
  }

  get address(): Promise<string> {
    return this.#address.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reading.return?.();
  }
}

const receivers: Receiver<unknown>[] = [];
function receiver<T = unknown>(options: Partial<WebhookSourceOptions> = {}, now?: () => number): Receiver<T> {
  const made = new Receiver<T>(webhookSource<T>({ port: 0, ...options }), now);
  receivers.push(made as Receiver<unknown>);
  return made;
}
afterEach(async () => {
  for (const one of receivers.splice(0)) await one[Symbol.asyncDispose]();
});

describe("webhookSource", () => {
  test("answers only when the sink has acknowledged", async () => {
    const hook = receiver();
    const reading = hook.next();
    const answer = hook.post('{"a":1}', { "idempotency-key": "k1" });
    const batch = await reading;
    expect(batch.records).toMatchObject([{ id: "k1", value: { a: 1 } }]);
    let isAnswered = false;
    void answer.then(() => {
      isAnswered = true;
    });
    // a request that is refused at once goes there and back meanwhile
    expect((await fetch(await hook.address)).ok).toBe(false);
    expect(isAnswered).toBe(false);
    await batch.acknowledge?.();
    expect(await answer).toMatchObject({ status: 202, json: { id: "k1" } });
  });

  test("says to come again when the sink gives up, and takes the same key then", async () => {
    const hook = receiver({ retryAfterSeconds: 7 });
    const reading = hook.next();
    const answer = hook.post("1", { "idempotency-key": "k" });
    await (await reading).release?.(new Error("away"));
    expect(await answer).toMatchObject({ status: 503, retryAfter: "7" });
    const records = hook.writing();
    expect((await hook.post("1", { "idempotency-key": "k" })).status).toBe(202);
    expect(records).toHaveLength(1);
  });

  test("answers a key that comes again without a second record, while the first is under way and afterwards", async () => {
    const hook = receiver();
    const reading = hook.next();
    const answers = [hook.post("1", { "idempotency-key": "k" })];
    const batch = await reading;
    answers.push(hook.post("1", { "idempotency-key": "k" }));
    // the second has arrived when a third, which comes behind it on the same connections, is read
    const third = hook.next();
    answers.push(hook.post("2", { "idempotency-key": "other" }));
    const later = await third;
    await batch.acknowledge?.();
    await later.acknowledge?.();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([202, 200, 202]);
    expect(later.records.map(({ id }) => id)).toEqual(["other"]);
    expect(await hook.post("1", { "idempotency-key": "k" })).toMatchObject({ status: 200, json: { duplicate: true } });
  });

  test("forgets keys that are old, and the oldest of too many", async () => {
    let nowMs = 1_000_000;
    const hook = receiver({ rememberMs: 1000, rememberKeys: 2 }, () => nowMs);
    const records = hook.writing();
    const statuses = async (...keys: string[]) => {
      const found: number[] = [];
      for (const key of keys) found.push((await hook.post("1", { "idempotency-key": key })).status);
      return found;
    };
    expect(await statuses("a", "b", "a", "c", "b", "a")).toEqual([202, 202, 200, 202, 200, 202]);
    nowMs += 1001;
    expect(await statuses("a")).toEqual([202]);
    expect(records).toHaveLength(5);
  });

  test("takes the key from the body, gives each other request an id of its own, and keeps the headers that are named", async () => {
    const hook = receiver<{ id?: string }>({ idempotencyKey: ({ id }: { id?: string }) => id, headers: ["X-GitHub-Event"] });
    const records = hook.writing();
    await hook.post('{"id":"evt_1"}', { "x-github-event": "push", other: "x" });
    await hook.post("{}");
    await hook.post("{}");
    expect(records[0]?.id).toBe("evt_1");
    expect(records[0]?.headers).toEqual({ "x-github-event": Buffer.from("push") });
    expect(new Set(records.map(({ id }) => id)).size).toBe(3);
  });

  test("refuses what is no JSON, breaks the schema, is too large, or goes elsewhere", async () => {
    const hook = receiver({ schema: z.object({ amount: z.number() }), maxBytes: 100 });
    const records = hook.writing();
    expect(await hook.post("{")).toMatchObject({ status: 400, json: { error: "the body is not JSON in UTF-8" } });
    expect(await hook.post(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({ status: 400 });
    expect(await hook.post('{"amount":"much"}')).toMatchObject({ status: 422, json: { violations: [{ path: "amount" }] } });
    expect(await hook.post(`"${"x".repeat(200)}"`)).toMatchObject({ status: 413 });
    expect(await hook.post("{}", {}, "/other")).toMatchObject({ status: 404 });
    expect(await hook.post('{"amount":1}')).toMatchObject({ status: 202 });
    expect(records).toHaveLength(1);
    expect(hook.logged.join()).not.toContain("much");
  });

  test("says 503 while too many wait for the sink", async () => {
    const hook = receiver({ maxWaiting: 2 });
    const reading = hook.next();
    const answers = [hook.post("1"), hook.post("2")];
    const first = await reading;
    const second = first.records.length === 2 ? undefined : await hook.next();
    expect((await hook.post("3")).status).toBe(503);
    await first.acknowledge?.();
    await second?.acknowledge?.();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([202, 202]);
    const records = hook.writing();
    expect((await hook.post("4")).status).toBe(202);
    expect(records).toHaveLength(1);
  });

  test("says 503 when the sink takes too long; what was written meanwhile is known when it comes again", async () => {
    const hook = receiver({ answerWithinMs: 50 });
    const reading = hook.next();
    const answer = hook.post("1", { "idempotency-key": "slow" });
    const batch = await reading;
    expect((await answer).status).toBe(503);
    await batch.acknowledge?.();
    expect((await hook.post("1", { "idempotency-key": "slow" })).status).toBe(200);
  });

  test("answers those who wait when it stops, and ends soon though a caller keeps its connection open", async () => {
    const hook = receiver();
    const reading = hook.next();
    const { hostname, port } = new URL(await hook.address);
    const idle = connect(Number(port), hostname);
    await new Promise((resolve) => idle.once("connect", resolve));
    const closed = new Promise((resolve) => idle.once("close", resolve));
    const answer = hook.post("1");
    const batch = await reading;
    const stopping = hook[Symbol.asyncDispose]();
    await batch.release?.(new Error("stopped"));
    expect((await answer).status).toBe(503);
    await stopping;
    await closed;
    await expect(hook.post("1")).rejects.toThrow();
  });

  describe("with traces", () => {
    beforeAll(() => propagation.setGlobalPropagator(new W3CTraceContextPropagator()));
    afterAll(() => propagation.disable());

    test("goes on with the trace of the caller", async () => {
      const hook = receiver();
      const records = hook.writing();
      await hook.post("1", { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
      expect(records.map(({ context }) => trace.getSpanContext(context)?.traceId)).toEqual(["0af7651916cd43dd8448eb211c80319c"]);
    });
  });

  describe("with signatures", () => {
    const now = () => 1_700_000_000_000;
    const seconds = "1700000000";
    const body = '{"a":1}';
    const hex = (key: string, text: string) => createHmac("sha256", key).update(text).digest("hex");

    test("of GitHub takes the example of its documentation, and nothing else", async () => {
      // docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries: testing the webhook payload validation
      const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
      const hook = receiver({ signature: { scheme: "github", secret: [secret("new"), secret("It's a Secret to Everybody")] } }, now);
      const records = hook.writing();
      // the text of the example is no JSON: it is refused for that, not for its signature
      expect((await hook.post("Hello, World!", { "x-hub-signature-256": signature })).status).toBe(400);
      expect((await hook.post("Hello, World?", { "x-hub-signature-256": signature })).status).toBe(401);
      expect((await hook.post(body)).json).toEqual({ error: "the request is not signed as github", violations: [] });
      expect((await hook.post(body, { "x-hub-signature-256": `sha256=${hex("new", body)}` })).status).toBe(202);
      expect((await hook.post(body, { "x-hub-signature-256": "sha256=" })).status).toBe(401);
      expect(records).toHaveLength(1);
    });

    test("of Stripe takes one of several, and none of another time", async () => {
      const hook = receiver({ signature: { scheme: "stripe", secret: secret("s"), toleranceMs: 300_000 } }, now);
      hook.writing();
      const post = async (t: string, v1: string) =>
        (await hook.post(body, { "stripe-signature": `t=${t},v1=${"0".repeat(64)},v1=${v1},v0=x` })).status;
      expect(await post(seconds, hex("s", `${seconds}.${body}`))).toBe(202);
      expect(await post(seconds, hex("other", `${seconds}.${body}`))).toBe(401);
      expect(await post("1700000300", hex("s", `1700000300.${body}`))).toBe(202);
      expect(await post("1700000301", hex("s", `1700000301.${body}`))).toBe(401);
      expect(await post("1699999699", hex("s", `1699999699.${body}`))).toBe(401);
      expect(await post("soon", hex("s", `soon.${body}`))).toBe(401);
    });

    test("of Standard Webhooks takes what is signed with its id and time", async () => {
      // the example of the specification's libraries
      const hook = receiver(
        { signature: { scheme: "standard-webhooks", secret: secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") } },
        () => 1_614_265_330_000,
      );
      const headers = { "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330" };
      const signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
      hook.writing();
      const example = '{"test": 2432232314}';
      expect((await hook.post(example, { ...headers, "webhook-signature": `v1,bm9wZQ== ${signature}` })).status).toBe(202);
      expect((await hook.post(example, { ...headers, "webhook-id": "msg_2", "webhook-signature": signature })).status).toBe(401);
    });
  });

  test("says what is wrong with its options", () => {
    expect(() => webhookSource({ port: -1, path: "hooks" })).toThrow(/port -1 must be >= 0.*path "hooks"/);
    // @ts-expect-error a literal is no secret
    expect(() => webhookSource({ port: 0, signature: { scheme: "github", secret: "literal" } })).toThrow("must be a secret by reference");
  });

  test("checks whether its port is free, and leaves it so", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const source = webhookSource({ port });
    await expect(source.check?.(connectorContext())).rejects.toThrow(`webhooks cannot be received on 127.0.0.1:${port}: listen EADDRINUSE`);
    taken.close();
    await once(taken, "close");
    await source.check?.(connectorContext());
    await source.check?.(connectorContext());
  });
});
