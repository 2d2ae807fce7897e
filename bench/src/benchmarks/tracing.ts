import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import type { Bus, Logger, Transport } from "@org/bus-core";
import * as core from "@org/bus-core";
import * as onKafka from "@org/bus-kafka";
import { startTelemetry } from "@org/bus-telemetry";
import type { Benchmark, Figures, RunContext } from "../benchmark.js";
import { contractFor, createTopic } from "../cluster.js";
import { median } from "../median.js";
import { importUntraced } from "../tracing/untraced.js";
import { pageViewed, seededRandom } from "../workload.js";

const messages = 100_000;
const warmUp = 20_000;
const callers = 500;
/** So many are on their way at once at most: else who publishes faster than he processes would leave a backlog, which costs in itself. */
const underWay = 1_000;
/** Of the comparison in turn. */
const turns = 60;
const slice = 2_500;

type Core = Pick<typeof core, "createBus" | "memory">;
type OpenTransport = (core: Core, context: RunContext) => Promise<Transport>;

/** Joins the topic. What it returns publishes so many, one by one, and resolves when all of them have come back and were processed. */
async function openLoop(bus: Bus, { topic, runId }: RunContext): Promise<(count: number) => Promise<void>> {
  const contract = contractFor(topic);
  await bus.topics.ensure([contract]);
  const inits = Array.from({ length: 10_000 }, (_, i) => pageViewed(i % 1_000, i));
  let published = 0;
  let processed = 0;
  let target = 0;
  const waiting: (() => void)[] = [];
  let reached = () => {};
  const consumption = bus.consume(contract, { group: runId, from: "latest", concurrency: 100 }, async () => {
    await undefined;
    if (++processed === target) reached();
    waiting.pop()?.();
  });
  await consumption.started;
  return async (count) => {
    target = processed + count;
    const done = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let next = 0;
    const caller = async () => {
      while (next < count) {
        const init = inits[next++ % inits.length];
        if (published++ - processed >= underWay) await new Promise<void>((resolve) => waiting.push(resolve));
        if (init !== undefined) await bus.publish(contract, init);
      }
    };
    await Promise.all([done, ...Array.from({ length: callers }, caller)]);
  };
}

async function throughput(bus: Bus, context: RunContext): Promise<Figures> {
  const work = await openLoop(bus, context);
  await work(warmUp);
  return timed(() => work(messages), messages);
}

/** With the code and with its copy without tracing, in turn in one process, so that whatever else the machine does meets both. */
async function inTurn(open: OpenTransport, context: RunContext): Promise<Figures> {
  const untraced = await importUntraced<Core>("@org/bus-core");
  await using without = untraced.createBus({ service: "bench", transport: await open(untraced, context) });
  await using bus = core.createBus({ service: "bench", transport: await open(core, context) });
  const workWithout = await openLoop(without, { ...context, topic: `${context.topic}-without`, runId: `${context.runId}-without` });
  const work = await openLoop(bus, { ...context, topic: `${context.topic}-with` });
  await workWithout(warmUp);
  await work(warmUp);
  // in an order that chance gives, so that no garbage is always the same one's
  const random = seededRandom(Date.now());
  const used = { without: [] as number[], with: [] as number[] };
  for (let turn = 0; turn < turns; turn++) {
    const order = random() < 0.5 ? (["with", "without"] as const) : (["without", "with"] as const);
    for (const which of order) {
      const figures = await timed(() => (which === "with" ? work : workWithout)(slice), slice);
      used[which].push(figures["CPU µs a record"] ?? Number.NaN);
    }
  }
  // of each turn, so that what else the machine did in some of them does not count
  const ratios = used.with.map((microseconds, turn) => (used.without[turn] ?? Number.NaN) / microseconds);
  return { "no SDK ÷ compiled out": median(ratios), "CPU µs a record": median(used.with), "compiled out": median(used.without) };
}

async function timed(work: () => Promise<void>, records: number): Promise<Figures> {
  const cpuAtStart = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuAtStart);
  const cpuSeconds = (user + system) / 1e6;
  return { "records a CPU s": records / cpuSeconds, "records/s": records / seconds, "CPU µs a record": (cpuSeconds * 1e6) / records };
}

/** What the environment says to the SDK, which `startTelemetry` reads. */
const allSampled = { OTEL_METRICS_EXPORTER: "none" };
const oneInAHundred = { ...allSampled, OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" };
const metricsAlone = { OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "otlp" };

/** Runs `measure` with the SDK, in batches over OTLP to a collector in another process. */
async function withSdk(environment: Readonly<Record<string, string>>, measure: () => Promise<Figures>): Promise<Figures> {
  const collector = spawn(process.execPath, [fileURLToPath(new URL("../tracing/collector.js", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [address] = (await once(collector.stdout, "data")) as [Buffer];
  Object.assign(process.env, environment, { OTEL_EXPORTER_OTLP_ENDPOINT: String(address).trim() });
  const telemetry = startTelemetry({ service: "bench", logger: quiet, traceHttp: false });
  const figures = await measure();
  await telemetry.shutdown();
  collector.stdin.write("end\n");
  const [told] = (await once(collector.stdout, "data")) as [Buffer];
  collector.stdin.end();
  const { spans } = JSON.parse(String(told)) as { spans: number };
  return { ...figures, "spans exported a record": spans / (messages + warmUp) };
}

const nothing = () => {};
const quiet: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** What the spans alone cost: two for each record, with as many attributes as those of the bus, and nothing else. */
async function spansAlone(): Promise<Figures> {
  const tracer = trace.getTracer("bench");
  const created = { a: "kafka", b: "create", c: "create", d: "bench", e: randomUUID(), f: "3", g: 5 };
  const processed = { a: "kafka", b: "process", c: "process", d: "bench", e: "3", f: "group", g: 5, h: "user-1", i: 3 };
  const work = async (count: number) => {
    for (let done = 0; done < count; done++) {
      const span = tracer.startSpan("create", { kind: SpanKind.PRODUCER, attributes: created }, ROOT_CONTEXT);
      tracer.startSpan("process", { kind: SpanKind.CONSUMER, attributes: processed }, trace.setSpan(ROOT_CONTEXT, span)).end();
      span.end();
      if (done % 100 === 0) await new Promise(setImmediate);
    }
  };
  await work(warmUp);
  return timed(() => work(messages), messages);
}

function peers(open: OpenTransport): Benchmark["peers"] {
  const plain = async (used: Core, context: RunContext): Promise<Figures> => {
    await using bus = used.createBus({ service: "bench", transport: await open(used, context) });
    return await throughput(bus, context);
  };
  const noSpans = async (figures: Promise<Figures>) => ({ ...(await figures), "spans exported a record": 0 });
  return {
    "tracing compiled out": async (context) => noSpans(plain(await importUntraced<Core>("@org/bus-core"), context)),
    "no SDK registered": (context) => noSpans(plain(core, context)),
    "SDK, batch exporter, 1 % sampled": (context) => withSdk(oneInAHundred, () => plain(core, context)),
    "SDK, batch exporter, all sampled": (context) => withSdk(allSampled, () => plain(core, context)),
    "the same number of spans, without a bus": () => withSdk(allSampled, spansAlone),
    "SDK, metrics only": (context) => withSdk(metricsAlone, () => plain(core, context)),
  };
}

const conditions =
  `One process publishes one message a call (${callers} callers, contract checked, ${underWay} messages on their way at most) and processes all of them with a handler that awaits once; ${messages} messages of about 200 B after ${warmUp} to warm up. ` +
  `Compared by the time of the process, all of its threads, so that others on the machine do not count. The last row is what OpenTelemetry takes for two spans a record by itself. Compiled out: the same code with stubs for all that calls into OpenTelemetry. ` +
  `With the SDK: \`startTelemetry\` as it is but for metrics, which have a row of their own, OTLP over http/protobuf to a collector in another process that counts the spans and throws them away: two a record, and one for each batch that is sent; ` +
  `what is missing was dropped, because the queue was full.`;

function tracingBenchmark(name: string, title: string, where: string, needsKafka: boolean, open: OpenTransport): Benchmark {
  return {
    name: `tracing-${name}`,
    title,
    conditions: `${where} ${conditions}`,
    better: "higher",
    needsKafka,
    measured: needsKafka ? ["kafkajs"] : [],
    baseline: "tracing compiled out",
    ...(needsKafka && { prepare: (context: RunContext) => createTopic(context, 6) }),
    peers: peers(open),
  };
}

/** What it costs where it is not used: a difference too small to be seen between two processes. */
const offBenchmark: Benchmark = {
  name: "tracing-off-memory",
  title: "What tracing costs without an SDK, in memory",
  conditions:
    `The same code, without an SDK registered and with tracing compiled out (stubs for all that calls into OpenTelemetry), in turn in one process: ${turns} times ${slice} messages with each, in an order that chance gives, published one a call by ${callers} callers ` +
    `and processed, after ${warmUp} of each to warm up. Compared by the time of the process, all of its threads, as the median over the turns; the bookkeeping of times in stages is in both.`,
  better: "higher",
  needsKafka: false,
  measured: [],
  peers: { "without an SDK": (context) => inTurn(openMemory, context) },
};

const openKafka: OpenTransport = async (used, { brokers }) => {
  const { kafka } = used === core ? onKafka : await importUntraced<typeof onKafka>("@org/bus-kafka");
  return kafka({ brokers: [...brokers] });
};
const openMemory: OpenTransport = async (used) => used.memory();

export const tracingBenchmarks: readonly Benchmark[] = [
  offBenchmark,
  tracingBenchmark("kafka", "What tracing costs, on Kafka", "On a real Kafka, 6 partitions.", true, openKafka),
  tracingBenchmark("memory", "What tracing costs, in memory", "In memory, the worst case: nothing else costs anything.", false, openMemory),
];
