import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { createBus, type Logger, memory } from "@org/bus-core";
import { mapKeyed, publishTo, stream } from "@org/bus-streams";
import { expect, it } from "vitest";
import { type Note, noteContract } from "./messages.js";
import { recordSpans } from "./recorded-spans.js";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const Asked = noteContract("test.v1.Asked", "asked");
const Answered = noteContract("test.v1.Answered", "answered");

const named = (spans: readonly ReadableSpan[], name: string) => spans.filter((span) => span.name === name);
const idOf = (span: ReadableSpan) => span.spanContext().spanId;

it("a transaction has a span that links to what it writes: results, and for a dead letter the message that it is of", async () => {
  await using spans = recordSpans();
  const bus = createBus({ service: "test", transport: memory(), logger: silent });
  await bus.topics.ensure([Asked, Answered]);
  const ids = ["a", "b", "c"];
  await bus.publishAll(
    Asked,
    ids.map((id) => ({ id, text: id })),
  );
  const answer = (note: Note): Note => {
    if (note.id === "b") throw new Error("no answer");
    return note;
  };
  const answers = stream(bus, Asked, { group: "g", failure: { attempts: 1 } })
    .exactlyOnce()
    .pipe(mapKeyed(answer), publishTo(Answered))
    .run();
  const { promise: both, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  bus.consume(Answered, { group: "h" }, () => {
    if (++seen === 2) resolve();
  });
  await both;
  await answers.close();
  await bus.close();

  const all = await spans.finished();
  const commits = named(all, "commit asked");
  const linked = commits.flatMap(({ links, parentSpanContext }) =>
    parentSpanContext === undefined ? links.map(({ context }) => context.spanId) : [parentSpanContext.spanId],
  );
  const [, failed] = named(all, "create asked");
  const written = [...named(all, "create answered"), ...(failed === undefined ? [] : [failed])];
  expect(written).toHaveLength(3);
  expect(linked.sort()).toEqual(written.map(idOf).sort());
  const counts = commits.map(({ attributes }) => Number(attributes["messaging.batch.message_count"]));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  for (const { attributes, status } of commits) {
    expect(status.code).toBe(SpanStatusCode.UNSET);
    expect(attributes).toEqual({
      "messaging.system.name": "memory",
      "messaging.operation.name": "commit",
      "messaging.operation.type": "settle",
      "messaging.destination.name": "asked",
      "messaging.destination.partition.id": "0",
      "messaging.consumer.group.name": "g",
      "messaging.batch.message_count": expect.any(Number),
    });
  }
});
