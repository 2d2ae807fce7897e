import { BusError, createBus } from "@org/bus-core";
import { type CommandLine, help, parseCommandLine } from "./command-line.js";
import { AirportTable } from "./delays/airport-table.js";
import { plainCount } from "./report/expectation.js";
import { recordsWritten, showProgress } from "./report/progress.js";
import { reportText } from "./report/report-text.js";
import { discrepancies } from "./report/result.js";
import { postgresVariable, startRun } from "./run.js";
import { connectServices } from "./services/services.js";

const flightsInFile = 3_000_000;

/** @returns the exit code */
async function flights({ rows, json }: CommandLine, signal: AbortSignal): Promise<number> {
  const total = Math.min(rows ?? flightsInFile, flightsInFile);
  await using services = await connectServices(signal);
  process.env[postgresVariable] = services.postgresUrl;
  await using table = new AirportTable(services.postgresUrl);
  await using bus = createBus({ service: "flights", transport: services.transport });

  if (!json) console.log(`${total} flights, ${services.description}`);
  const startedAt = performance.now();
  const run = await startRun(bus, table, rows, signal);
  const stopProgress = json ? () => {} : showProgress(run.toTopic, run.toTable, total, process.stdout);
  await run.complete.finally(stopProgress);
  const elapsedMs = performance.now() - startedAt;

  const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
  const result = { flights: recordsWritten(run.toTopic), airports: await table.all(), elapsedMs, peakMemoryBytes };
  console.log(json ? JSON.stringify(result, null, 2) : reportText(result));
  const wrong = discrepancies(result, await plainCount(rows));
  for (const line of wrong) console.error(line);
  if (!json && wrong.length === 0) console.log("The table says what a plain count over the file says.");
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
  try {
    process.exitCode = await flights(options, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) console.error("interrupted");
    // what the bus says names the remedy; anything else is a fault of this program, and wants its stack
    else console.error(error instanceof BusError ? error.message : error);
    process.exitCode = interrupt.signal.aborted ? 130 : 1;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
