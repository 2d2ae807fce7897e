import { BusError } from "@org/bus-core";
import { type CommandLine, help, parseCommandLine } from "./command-line.js";
import { progressOn } from "./report/progress.js";
import { summary } from "./report/summary.js";
import { run } from "./run.js";
import { connectServices } from "./services.js";

/** @returns the exit code */
async function outbox(options: CommandLine, signal: AbortSignal): Promise<number> {
  await using services = await connectServices(signal);
  if (!options.json)
    console.log(
      options.kills === undefined
        ? `orders for ${options.seconds} s, and every ${options.killEveryMs} ms the relay is killed`
        : `orders until the relay was killed ${options.kills} times`,
    );
  const result = await run(services, options, options.json ? () => {} : progressOn(process.stdout), signal);
  if (options.json) console.log(JSON.stringify(result, null, 2));
  else for (const line of summary(result)) console.log(line);
  for (const line of result.wrong.slice(0, 20)) console.error(line);
  return result.wrong.length === 0 ? 0 : 1;
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
    process.exitCode = await outbox(options, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) console.error("interrupted");
    // what the bus says names the remedy; anything else is a fault of this program, and wants its stack
    else console.error(error instanceof BusError ? error.message : error);
    process.exitCode = interrupt.signal.aborted ? 130 : 1;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
