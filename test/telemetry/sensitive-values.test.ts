import { Writable } from "node:stream";
import { inspect } from "node:util";
import { type Attributes, ROOT_CONTEXT } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { defineConnector, fromTopic, map as mapRecords, route, runConnector, type Sink, type Source, toTopic } from "@org/bus-connect";
import { createBus, headerText, memory } from "@org/bus-core";
import { batchMessages, mapKeyed, mapKeyedBatches, mapMessages, stream } from "@org/bus-streams";
import { startTelemetry } from "@org/bus-telemetry";
import pino from "pino";
import { map } from "rxjs";
import { expect, it, vi } from "vitest";
import { Person } from "../contracts/gen/topics/v1/topics.js";
import { canary } from "../support/canary.js";
import { Order } from "../support/json-contract.js";

const encoder = new TextEncoder();
const name = `${canary}ë`;
const passport = `${canary}991-XK`;
const age = 149;
const account = `${canary}DE89 3704 0044`;
const savings = `${canary}savings`;
const secrets = [canary, `"age":${age}`];
const person = { id: { number: 7n, passport }, name, age, accounts: new Map([[account, savings]]) };

/** Resolves when `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

it("values of sensitive fields appear in no log, span, metric, error, explanation or header, whatever goes wrong with their message", async () => {
  const told: Record<string, string> = {};
  const lines: string[] = [];
  const written = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = pino({ level: "trace" }, written);
  const spans = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor({ exporter: spans });
  await using telemetry = startTelemetry({ service: "test", spanProcessors: [processor], http: { port: 0, stalledAfterMs: 100 }, logger });
  const { http } = await telemetry.listening;
  const transport = memory();
  await using bus = createBus({ service: "test", transport, logger });
  await bus.topics.ensure([Person]);
  const fails = (text: string) => {
    throw new TypeError(
      `cannot save ${text}: ${JSON.stringify(person, (_, value) => (value instanceof Map ? [...value] : typeof value === "bigint" ? String(value) : value))}\n    at ${name}`,
      {
        cause: new Error(passport),
      },
    );
  };
  const failure = { attempts: 2, initialBackoffMs: 1, maxBackoffMs: 1 } as const;

  // refused
  const refusals = [
    { ...person, name: `${name} the longer` },
    { ...person, age: 151 },
    { ...person, accounts: new Map([[account, 3704 as unknown as string]]) },
  ];
  for (const message of refusals) {
    const error = await bus.publish(Person, message as typeof person).catch((refused: unknown) => refused);
    told[`refusal ${Object.keys(told).length}`] = inspect(error, { depth: null, showHidden: true });
  }
  await bus.publish(Person, person);

  // tried again, and a dead letter; in a handler, in an operator, in a batch
  const runs = [
    bus.consume(Person, { group: "handler", failure }, async () => fails(name)),
    bus.consume(Person, { group: "at-once", failure }, () => fails(name)),
    stream(bus, Person, { group: "operators", failure })
      .pipe(mapMessages(() => fails(passport)))
      .run(),
    stream(bus, Person, { group: "selector", failure })
      .pipe(mapKeyed(() => 1, { key: () => fails(passport) }))
      .run(),
    stream(bus, Person, { group: "batches", failure })
      .pipe(
        batchMessages({ maxSize: 1, maxWaitMs: 1 }),
        mapKeyedBatches(() => fails(account), { concurrency: 1 }),
      )
      .run(),
  ];
  const letters = ["handler", "at-once", "operators", "selector", "batches"].map((group) => `people.${group}.dlq`);
  await until(() => letters.every((topic) => transport.broker.topic(topic) !== undefined && transport.broker.records(topic).length === 1));
  for (const topic of letters) {
    const [letter] = transport.broker.records(topic);
    const headers = Object.keys(letter?.headers ?? {}).map((header) => [header, headerText(letter?.headers ?? {}, header)]);
    expect(Object.fromEntries(headers)).toMatchObject({ "bus-dlq-error-stack": expect.stringContaining("\n    at ") });
    told[`headers of ${topic}`] = JSON.stringify(headers);
  }

  // two in one call
  await bus.publish(Person, person);
  const together = stream(bus, Person, { group: "together", failure })
    .pipe(mapKeyedBatches(() => fails(name), { concurrency: 1 }))
    .run();
  await until(() => transport.broker.topic("people.together.dlq") !== undefined && transport.broker.records("people.together.dlq").length === 2);
  await together.close();

  // waits for its next try, and for ever
  const waiting = bus.consume(Person, { group: "waits", failure: { attempts: 2, initialBackoffMs: 60_000 } }, () => fails(name));
  await until(() => waiting.explain().partitions.some(({ heldBy }) => heldBy?.state === "backoff"));
  expect(waiting.explain().partitions.find(({ heldBy }) => heldBy !== undefined)?.heldBy?.lastError).toContain("withheld: topics.v1.Person");
  const { promise: end, resolve: release } = Promise.withResolvers<void>();
  const stuck = bus.consume(Person, { group: "stuck" }, () => end);
  await until(() => stuck.explain().inFlight === 1);

  // stops, and is interrupted
  const stopping = bus.consume(Person, { group: "stops", failure: { attempts: 1, otherwise: "stop" } }, () => fails(name));
  told["end of the stream"] = inspect(await stopping.closed.catch((error: unknown) => error), { depth: null, showHidden: true });
  const interrupted = stream(bus, Person, { group: "interrupted" })
    .pipe(map(() => fails(name)))
    .run();
  await until(() => interrupted.explain().lastFault !== undefined);

  told.explain = JSON.stringify([...runs, waiting, stuck, stopping, interrupted].map((run) => run.explain()));
  const get = async (path: string, accept = "application/json") => await (await fetch(`${http}${path}`, { headers: { accept } })).text();
  let live = "";
  while (!live.includes("not moving")) live = await get("/livez");
  told.livez = live;
  told.readyz = await get("/readyz");
  told.metrics = await get("/metrics");
  told["streams as JSON"] = await get("/debug/streams");
  told["streams as a page"] = await get("/debug/streams", "text/html");
  release();
  await bus.close();
  await processor.forceFlush();
  told.spans = inspect(
    spans.getFinishedSpans().map(({ name: span, attributes, events, status, links }) => ({ span, attributes, events, status, links })),
    { depth: null, maxArrayLength: null, maxStringLength: null },
  );
  told.log = lines.join("");
  expect(told.metrics).toContain('bus_contract_field="accounts"');
  expect(told.spans).toContain("TypeError");
  expect(told.log).toContain("a record became a dead letter");
  for (const [where, text] of Object.entries(told)) {
    for (const secret of secrets) expect(text, where).not.toContain(secret);
  }
});

it("nor in those of connectors whose source, sink or records know a contract with sensitive fields", async () => {
  const told: Record<string, string> = {};
  const lines: string[] = [];
  const logger = pino({ level: "trace" }, new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) }));
  const spans = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor({ exporter: spans });
  await using _ = startTelemetry({ service: "test", spanProcessors: [processor], logger });
  const transport = memory();
  await using bus = createBus({ service: "test", transport, logger });
  await bus.topics.ensure([Person, Order]);
  await bus.publish(Person, person);
  await bus.publish(Order, { id: "o", amount: 1 });
  const failure = { attempts: 2, initialBackoffMs: 1, maxBackoffMs: 1, tolerate: "all" } as const;
  const broken = () => {
    throw new TypeError(`no room for ${name}, ${passport}`, { cause: new Error(account) });
  };
  const refusing = (error: () => unknown): Sink<unknown> => ({
    name: "shelf",
    open: async () => ({ write: async (records) => records.map(() => ({ status: "rejected", error: error() })), close: async () => {} }),
  });
  const throwing: Sink<unknown> = { name: "shelf", open: async () => ({ write: broken, close: async () => {} }) };
  const taken = refusing(() => new RangeError(`${name} is taken`));
  const transforms = [mapRecords(broken)];
  const toPerson = route(() => ({ contract: Person, message: person }));
  const people = async function* () {
    yield { records: [{ id: "1", key: "1", value: person, timestamp: undefined, headers: {}, context: ROOT_CONTEXT }] };
  };
  const unreadable = async function* () {
    yield {
      records: [],
      unreadable: [{ id: "1", error: new SyntaxError(`${name} is no JSON`, { cause: passport }), original: encoder.encode("?") }],
    };
  };
  const feed: Source<typeof person> = { name: "feed", replayable: false, bounded: true, read: people };
  const connectors = [
    defineConnector({ name: "throws", source: fromTopic(Person), sink: throwing, failure }),
    defineConnector({ name: "refuses", source: fromTopic(Person), sink: taken, failure }),
    defineConnector({ name: "maps", source: fromTopic(Person), transforms, sink: refusing(Error), failure }),
    defineConnector({ name: "to-topic", source: feed, transforms, sink: toTopic(Person), failure }),
    // no topic knows the contract
    defineConnector({ name: "of-source", source: { ...feed, contracts: [Person] }, transforms, sink: refusing(Error), failure }),
    defineConnector({ name: "of-sink", source: feed, transforms, sink: { ...refusing(Error), contracts: [Person] }, failure }),
    defineConnector({ name: "of-sink-throws", source: feed, sink: { ...throwing, contracts: [Person] }, failure }),
    defineConnector({ name: "from-other", source: fromTopic(Order), transforms, sink: { ...refusing(Error), contracts: [Person] }, failure }),
    defineConnector({ name: "from-other-throws", source: fromTopic(Order), sink: { ...throwing, contracts: [Person] }, failure }),
    defineConnector({ name: "unreadable", source: { ...feed, contracts: [Person], read: unreadable }, sink: taken, failure }),
    defineConnector({ name: "routes", source: feed, transforms: [toPerson], sink: taken, failure }),
    defineConnector({ name: "routes-throws", source: fromTopic(Order), transforms: [toPerson], sink: throwing, failure }),
    defineConnector({ name: "routes-maps", source: feed, transforms: [toPerson, ...transforms], sink: taken, failure }),
  ];
  const runs = connectors.map((connector) => runConnector(bus, connector));
  const letters = [
    ...["people.throws", "people.refuses", "people.maps", "orders.from-other", "orders.from-other-throws", "orders.routes-throws"],
    ...["to-topic", "of-source", "of-sink", "of-sink-throws", "unreadable", "routes", "routes-maps"],
  ].map((of) => `${of}.dlq`);
  await until(() => letters.every((topic) => transport.broker.topic(topic) !== undefined && transport.broker.records(topic).length === 1));
  told.status = JSON.stringify(runs.map((run) => run.status()));
  for (const topic of letters)
    told[`headers of ${topic}`] = JSON.stringify(
      transport.broker.records(topic).map(({ headers }) => Object.keys(headers).map((header) => headerText(headers, header))),
    );
  await Promise.all(runs.map((run) => run.stop()));
  await processor.forceFlush();
  told.spans = inspect(
    spans.getFinishedSpans().map(({ name: span, attributes, events, status, links }) => ({ span, attributes, events, status, links })),
    { depth: null, maxArrayLength: null, maxStringLength: null },
  );
  told.log = lines.join("");
  for (const [where, text] of Object.entries(told)) {
    for (const secret of secrets) expect.soft(text, where).not.toContain(secret);
  }
});

it("nor in what is printed where nobody gives a logger, which `npm test` searches as all that the tests print", async () => {
  const printed = vi.spyOn(process.stderr, "write");
  const transport = memory();
  await using bus = createBus({ service: "test", transport });
  await bus.topics.ensure([Person]);
  await bus.publish(Person, person);
  const consumption = bus.consume(Person, { group: "printed", failure: { attempts: 1 } }, () => {
    throw new Error(`no room for ${name}`);
  });
  await until(() => transport.broker.topic("people.printed.dlq") !== undefined && transport.broker.records("people.printed.dlq").length === 1);
  await consumption.close();
  const text = printed.mock.calls.map(([chunk]) => String(chunk)).join("");
  printed.mockRestore();
  expect(text).toContain("a record became a dead letter");
  expect(text).not.toContain(canary);
});

it("a logger of pino fits: its lines have the ids of the trace, and tell of each change of a stream once and of messages not", async () => {
  const lines: Record<string, unknown>[] = [];
  const written = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const spans = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor({ exporter: spans });
  await using _ = startTelemetry({ service: "test", spanProcessors: [processor] });
  const bus = createBus({ service: "test", transport: memory(), logger: pino({ base: null }, written) });
  await bus.topics.ensure([Person]);
  let handled = 0;
  const consumption = bus.consume(Person, { group: "g", failure: { attempts: 1 } }, (state) => {
    handled++;
    if (state?.id?.number === 3n || state?.id?.number === 4n) throw new Error("no luck");
  });
  await consumption.started;
  for (let number = 1; number <= 20; number++) await bus.publish(Person, { id: { number: BigInt(number) } });
  await until(() => handled === 20);
  consumption.pause();
  consumption.resume();
  await consumption.close();
  await bus.close();
  await processor.forceFlush();
  const said = lines.map(({ msg, state, topic, partition, offset }) => (state === undefined ? { msg, topic, partition, offset } : state));
  expect(said).toEqual([
    "running",
    { msg: "a record became a dead letter", topic: "people", partition: expect.any(Number), offset: expect.any(Number) },
    "paused",
    "running",
    "closing",
    // at most one of them in a second
    { msg: "a record became a dead letter", topic: "people", partition: expect.any(Number), offset: expect.any(Number) },
    "closed",
  ]);
  const idsOf = (partition: unknown, offset: unknown) => {
    const isOf = ({ "messaging.destination.partition.id": at, "kafka.offset": found }: Attributes) => at === String(partition) && found === offset;
    const span = spans.getFinishedSpans().find(({ name: span, attributes }) => span === "process people" && isOf(attributes));
    return { trace_id: span?.spanContext().traceId, span_id: span?.spanContext().spanId };
  };
  for (const line of lines.filter(({ topic }) => topic === "people")) expect(line).toMatchObject(idsOf(line.partition, line.offset));
  expect(lines[0]).not.toHaveProperty("trace_id");
});
