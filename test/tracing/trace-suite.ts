import { context, propagation, trace } from "@opentelemetry/api";
import { type Bus, BusError, createBus, headerText, type Logger } from "@org/bus-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConformanceHarness } from "../conformance/harness.js";
import { noteContract } from "./messages.js";
import { recordSpans, type SpanNode } from "./recorded-spans.js";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const failure = { initialBackoffMs: 1, jitter: 0 };

/** Resolves when it was called `count` times. */
function countdown(count: number) {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let left = count;
  const call = () => {
    left -= 1;
    if (left === 0) resolve();
  };
  return { call, done };
}

/** The trace of messages over several hops, on any transport. */
export function traceSuite(name: string, open: () => Promise<ConformanceHarness>): void {
  describe(`one trace on ${name}`, () => {
    let harness: ConformanceHarness;
    beforeAll(async () => {
      harness = await open();
    });
    afterAll(() => harness.close());

    async function setup() {
      const transport = await harness.transport();
      const bus: Bus = createBus({ service: "test", transport, logger: silent });
      const Asked = noteContract("test.v1.Asked", harness.uniqueTopic());
      const Answered = noteContract("test.v1.Answered", harness.uniqueTopic());
      await bus.topics.ensure([Asked, Answered]);
      const group = harness.uniqueTopic();
      return { bus, group, Asked, Answered, system: transport.name, asked: Asked.topic?.name ?? "", answered: Answered.topic?.name ?? "" };
    }

    const spansOf = (system: string, group = "") => ({
      create: (topic: string, rest: Partial<SpanNode> = {}): SpanNode => ({
        name: `create ${topic}`,
        kind: "PRODUCER",
        ...rest,
        attributes: {
          "messaging.system.name": system,
          "messaging.operation.name": "create",
          "messaging.operation.type": "create",
          "messaging.destination.name": topic,
          "messaging.message.id": "string",
          ...rest.attributes,
        },
      }),
      /** What an acknowledged message adds to its `create` span. */
      written: (offset: number) => ({
        "messaging.destination.partition.id": "0",
        "kafka.offset": offset,
      }),
      send: (topic: string, rest: Partial<SpanNode> = {}): SpanNode => ({
        name: `send ${topic}`,
        kind: "CLIENT",
        ...rest,
        attributes: {
          "messaging.system.name": system,
          "messaging.operation.name": "send",
          "messaging.operation.type": "send",
          "messaging.destination.name": topic,
          ...rest.attributes,
        },
      }),
      process: (topic: string, key: string, rest: Partial<SpanNode> = {}): SpanNode => ({
        name: `process ${topic}`,
        kind: "CONSUMER",
        ...rest,
        attributes: {
          "messaging.system.name": system,
          "messaging.operation.name": "process",
          "messaging.operation.type": "process",
          "messaging.destination.name": topic,
          "messaging.destination.partition.id": "0",
          "messaging.consumer.group.name": group,
          "kafka.offset": 0,
          "kafka.message.key": key,
          ...rest.attributes,
        },
      }),
    });

    it("goes through publish, process, publish, process and the dead letter", async () => {
      await using spans = recordSpans();
      const { bus, group, Asked, Answered, asked, answered, system } = await setup();
      const failed = countdown(3);
      bus.consume(Asked, { group }, ({ id, text }) => bus.publish(Answered, { id, text: `re: ${text}` }));
      bus.consume(Answered, { group: `${group}-2`, failure }, () => {
        failed.call();
        throw new TypeError("no answer");
      });
      await bus.publish(Asked, { id: "a", text: "why" });
      await failed.done;
      await bus.close();

      const { create, written, send, process } = spansOf(system, group);
      const deadLetters = `${answered}.${group}-2.dlq`;
      const retry = (attempt: number) => ({ name: "bus.retry", attributes: { "bus.retry.attempt": attempt, "error.type": "TypeError" } });
      const exception = { name: "exception", attributes: { "exception.type": "TypeError", "exception.message": "no answer" } };
      const deadLetter = send(deadLetters, {
        kind: "PRODUCER",
        attributes: written(0),
      });
      expect(await spans.trees()).toEqual([
        create(asked, {
          attributes: written(0),
          children: [
            send(asked),
            process(asked, "a", {
              children: [
                create(answered, {
                  attributes: written(0),
                  children: [
                    send(answered),
                    process(answered, "a", {
                      attributes: { "messaging.consumer.group.name": `${group}-2`, "error.type": "TypeError" },
                      failed: "no answer",
                      events: [retry(1), retry(2), exception],
                      children: [deadLetter],
                    }),
                  ],
                }),
              ],
            }),
          ],
        }),
      ]);
      const all = await spans.finished();
      expect(new Set(all.map((span) => span.spanContext().traceId)).size).toBe(1);
    });

    it("links the send span of a batch to the spans of its messages", async () => {
      await using spans = recordSpans();
      const { bus, Asked, asked, system } = await setup();
      await bus.publishAll(
        Asked,
        ["a", "b", "c"].map((id) => ({ id, text: id })),
      );
      await bus.close();
      const { create, written, send } = spansOf(system);
      const link = `create ${asked}`;
      expect(await spans.trees()).toEqual([
        ...[0, 1, 2].map((offset) => create(asked, { attributes: written(offset) })),
        send(asked, { attributes: { "messaging.batch.message_count": 3 }, links: [link, link, link] }),
      ]);
    });

    it("shows what was refused and what failed", async () => {
      await using spans = recordSpans();
      const { bus, Asked, asked, system } = await setup();
      const nowhere = harness.uniqueTopic();
      const Lost = noteContract("test.v1.Lost", nowhere);
      await expect(bus.publish(Asked, { id: "a", text: "" })).rejects.toThrow(BusError);
      await expect(bus.publish(Lost, { id: "a", text: "why" })).rejects.toThrow(BusError);
      await bus.close();
      const { create } = spansOf(system);
      expect(await spans.trees()).toEqual([
        create(asked, {
          attributes: { "error.type": "contract_violation" },
          failed: "test.v1.Asked breaks its contract: text: must not be empty",
        }),
        create(nowhere, {
          attributes: { "error.type": "unknown_topic" },
          failed: `topic ${nowhere} does not exist; create it with bus.topics.ensure([Lost])`,
        }),
      ]);
    });

    it("makes the process span the active one in each of 100 handlers at once", async () => {
      await using spans = recordSpans();
      const { bus, group, Asked, Answered, answered } = await setup();
      const ids = Array.from({ length: 100 }, (_, index) => `id-${index}`);
      const started = countdown(ids.length);
      const ended = countdown(ids.length);
      const active = new Map<string, string | undefined>();
      bus.consume(Asked, { group, concurrency: 100 }, async ({ id }, delivery) => {
        started.call();
        await started.done;
        active.set(id, trace.getActiveSpan()?.spanContext().spanId);
        expect(context.active()).toBe(delivery.context);
        await bus.publish(Answered, { id, text: id });
        ended.call();
      });
      await bus.publishAll(
        Asked,
        ids.map((id) => ({ id, text: id })),
      );
      await ended.done;
      await bus.close();

      const all = await spans.finished();
      const keyOf = new Map(all.map((span) => [span.spanContext().spanId, span.attributes["kafka.message.key"]]));
      expect(ids.map((id) => keyOf.get(active.get(id) ?? ""))).toEqual(ids);
      const parents = all.filter(({ name }) => name === `create ${answered}`).map((span) => span.parentSpanContext?.spanId);
      expect(new Set(parents)).toEqual(new Set(active.values()));
    });

    it("carries baggage over two hops, and the trace headers into the dead letter", async () => {
      await using spans = recordSpans();
      const { bus, group, Asked, Answered, answered } = await setup();
      const tenants: (string | undefined)[] = [];
      const deadLetter = Promise.withResolvers<string | undefined>();
      const tenant = () => propagation.getActiveBaggage()?.getEntry("tenant")?.value;
      bus.consume(Asked, { group }, ({ id, text }) => {
        tenants.push(tenant());
        return bus.publish(Answered, { id, text });
      });
      bus.consume(Answered, { group: `${group}-2`, failure: { ...failure, attempts: 1 } }, () => {
        tenants.push(tenant());
        throw new Error("no answer");
      });
      const DeadLetter = noteContract("test.v1.Answered", `${Answered.topic?.name}.${group}-2.dlq`);
      await bus.topics.ensure([DeadLetter]);
      bus.consume(DeadLetter, { group: `${group}-3` }, (_, { headers }) => deadLetter.resolve(headerText(headers, "traceparent")));
      await context.with(propagation.setBaggage(context.active(), propagation.createBaggage({ tenant: { value: "acme" } })), () =>
        bus.publish(Asked, { id: "a", text: "why" }),
      );
      const traceparent = await deadLetter.promise;
      await bus.close();
      expect(tenants).toEqual(["acme", "acme"]);
      const created = (await spans.finished()).find(({ name }) => name === `create ${answered}`)?.spanContext();
      expect(traceparent).toBe(`00-${created?.traceId}-${created?.spanId}-01`);
    });

    it("costs no header where no SDK is registered", async () => {
      const { bus, group, Asked } = await setup();
      const names = Promise.withResolvers<string[]>();
      bus.consume(Asked, { group }, (_, { headers }) => names.resolve(Object.keys(headers)));
      await bus.publish(Asked, { id: "a", text: "why" });
      expect(await names.promise).toEqual(["content-type", "bus-message-type", "bus-message-id", "bus-service"]);
      await bus.close();
    });
  });
}
