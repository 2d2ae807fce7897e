import { spawn } from "node:child_process";
import { startKafka } from "@org/bus-testkit/kafka";
import { startPostgres } from "@org/bus-testkit/postgres";
import { Command } from "commander";
import type { Benchmark, Figures, RunContext } from "./benchmark.js";
import { consumeBenchmark } from "./benchmarks/consume.js";
import { contractsBenchmarks } from "./benchmarks/contracts.js";
import { keyedBenchmarks } from "./benchmarks/keyed.js";
import { liveBenchmark } from "./benchmarks/live.js";
import { publishBenchmark } from "./benchmarks/publish.js";
import { tracingBenchmarks } from "./benchmarks/tracing.js";
import { postgresVariable } from "./connectors/database.js";
import { outboxBenchmark } from "./connectors/outbox.js";
import { outboxDelayBenchmark } from "./connectors/outbox-delay.js";
import { postgresSinkBenchmark } from "./connectors/postgres-sink.js";
import { writeReport } from "./report.js";

const benchmarks: readonly Benchmark[] = [
  ...contractsBenchmarks,
  publishBenchmark,
  consumeBenchmark,
  ...keyedBenchmarks,
  liveBenchmark,
  ...tracingBenchmarks,
  outboxBenchmark,
  outboxDelayBenchmark,
  postgresSinkBenchmark,
];

/** One measurement in a fresh process: no peer warms or fouls the heap of another. */
function measure(benchmark: Benchmark, peer: string, context: RunContext): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...process.execArgv, process.argv[1] ?? "", "--one", JSON.stringify({ benchmark: benchmark.name, peer, context })],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(JSON.parse(output) as Figures) : reject(new Error(`${benchmark.name} of ${peer} ended with code ${code}`)),
    );
  });
}

async function runAll(names: readonly string[], rounds: number, write: boolean): Promise<void> {
  const chosen = benchmarks.filter((benchmark) => names.length === 0 || names.some((name) => benchmark.name.startsWith(name)));
  if (chosen.length === 0) throw new Error(`no benchmark is called ${names.join(", ")}; there are: ${benchmarks.map((b) => b.name).join(", ")}`);
  const running = process.env.KAFKA_BROKERS?.split(",");
  await using started = running === undefined && chosen.some(({ needsKafka }) => needsKafka) ? await startKafka() : undefined;
  const brokers = running ?? started?.brokers ?? [];
  const needsPostgres = process.env[postgresVariable] === undefined && chosen.some((benchmark) => benchmark.needsPostgres);
  await using postgres = needsPostgres ? await startPostgres() : undefined;
  if (postgres !== undefined) process.env[postgresVariable] = postgres.url;
  for (const benchmark of chosen) {
    const topic = `bench-${benchmark.name}-${Date.now()}`;
    const contextOf = (runId: string): RunContext => ({ brokers, topic, runId });
    await benchmark.prepare?.(contextOf("prepare"));
    const results = new Map<string, Figures[]>(Object.keys(benchmark.peers).map((peer) => [peer, []]));
    for (let round = 1; round <= rounds; round++) {
      for (const [peer, figures] of results) {
        const measured = await measure(benchmark, peer, contextOf(`${peer}-${round}`.replaceAll(/[^a-z0-9-]/gi, "-")));
        figures.push(measured);
        process.stderr.write(`${benchmark.name} round ${round} of ${rounds}, ${peer}: ${JSON.stringify(measured)}\n`);
      }
    }
    writeReport(benchmark, results, write);
  }
}

async function runOne(argument: string): Promise<void> {
  const { benchmark: name, peer, context } = JSON.parse(argument) as { benchmark: string; peer: string; context: RunContext };
  const run = benchmarks.find((benchmark) => benchmark.name === name)?.peers[peer];
  if (run === undefined) throw new Error(`no peer ${peer} in ${name}`);
  process.stdout.write(JSON.stringify(await run(context)));
}

await new Command("bench")
  .description("side-by-side measurements against peers, most of them on a real Kafka (KAFKA_BROKERS, or one that is started)")
  .argument("[names...]", `which ones (prefixes): ${benchmarks.map((benchmark) => benchmark.name).join(", ")}`)
  .option("--rounds <n>", "rounds, peers in turn; medians are compared", Number, 5)
  .option("--write", "write the report to bench/results", false)
  .option("--one <json>", "one measurement (used by the run itself)")
  .action(async (names: string[], options: { rounds: number; write: boolean; one?: string }) => {
    if (options.one === undefined) await runAll(names, options.rounds, options.write);
    else await runOne(options.one);
  })
  .parseAsync();
process.exit();
