import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { BusError, createBus } from "@org/bus-core";
import { startTelemetry } from "@org/bus-telemetry";
import { type CommandLine, help, parseCommandLine } from "./command-line.js";
import { connect } from "./connect.js";
import { readFeed } from "./feed/read-feed.js";
import { toReport } from "./feed/to-report.js";
import { alertMagnitude } from "./pipelines/raise-alerts.js";
import { showProgress } from "./report/progress.js";
import { reportText } from "./report/report-text.js";
import { discrepancies, resultOf } from "./report/result.js";
import { run } from "./run.js";
import { expectationOf } from "./watch/expectation.js";
import { Watch } from "./watch/watch.js";

const service = "quakes";

/** Why a run ends that nobody reads any more, as in `npm start | head -1`. */
const outputClosed = new Error("stdout was closed");

/** @returns the exit code */
async function quakes({ kafka, json }: CommandLine, signal: AbortSignal): Promise<number> {
  const features = await readFeed();
  const reports = features.map(toReport);
  const expected = expectationOf(features, alertMagnitude);
  const watch = new Watch(reports.map(({ id }) => id));
  const spans = new InMemorySpanExporter();

  await using _telemetry = startTelemetry({ service, spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
  await using connection = await connect(kafka, signal);
  await using bus = createBus({ service, transport: connection.transport });

  if (!json) console.log(`${reports.length} earthquakes of ${expected.perNetwork.size} networks, ${connection.description}`);
  const stopProgress = json ? () => {} : showProgress(watch, reports.length, process.stdout);
  const { feed, elapsedMs } = await run(bus, reports, expected, watch, signal).finally(stopProgress);

  if (signal.aborted) {
    if (signal.reason !== outputClosed) console.error(`interrupted after ${watch.processed} of ${expected.quakes}`);
    return 130;
  }
  const result = resultOf(feed, watch);
  console.log(json ? JSON.stringify(result, null, 2) : reportText({ feed, result, watch, elapsedMs, spans: spans.getFinishedSpans() }));
  const wrong = discrepancies(result, expected);
  for (const line of wrong) console.error(line);
  return wrong.length === 0 ? 0 : 1;
}

function commandLine(): CommandLine {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(2);
  }
}

const options = commandLine();
if (options.help) {
  process.stdout.write(help);
} else {
  const interrupt = new AbortController();
  // a terminal sends SIGINT to all of its processes, and npm passes it on once more: a second one must not end what closes
  const onSignal = () => interrupt.abort();
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    // what a shell reports of a program that SIGPIPE ended
    process.exitCode = 141;
    interrupt.abort(outputClosed);
  });
  try {
    const exitCode = await quakes(options, interrupt.signal);
    if (interrupt.signal.reason !== outputClosed) process.exitCode = exitCode;
  } catch (error) {
    if (interrupt.signal.reason !== outputClosed) {
      // what the bus says names the remedy; anything else is a fault of this program, and wants its stack
      console.error(error instanceof BusError ? error.message : error);
      process.exitCode = interrupt.signal.aborted ? 130 : 1;
    }
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
