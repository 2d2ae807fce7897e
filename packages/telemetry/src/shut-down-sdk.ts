import { stderrLogger, systemClock } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import { failureText } from "./failure-text.js";

const timeoutMs = 5_000;

/** Exports what is still buffered, for 5 s at most. A failure is a warning on stderr: a collector that is down is no fault of the service. */
export async function shutDownSdk(sdk: { shutdown(): Promise<void> }): Promise<void> {
  const finished = new AbortController();
  const timeout = sleep(systemClock, timeoutMs, finished.signal).then(() => {
    if (!finished.signal.aborted) throw new Error(`no answer after ${timeoutMs} ms`);
  });
  try {
    await Promise.race([sdk.shutdown(), timeout]);
  } catch (error) {
    stderrLogger.warn({ error: failureText(error) }, "the last telemetry could not be exported");
  } finally {
    finished.abort();
  }
}
