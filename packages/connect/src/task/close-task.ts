import type { Clock, Consumption } from "@org/bus-core";
import { messageOf, sleep } from "@org/bus-core/internal";
import type { TaskEnvironment } from "./environment.js";
import type { Output } from "./output.js";

const closeTimeoutMs = 500;

/** Drains, and then closes the sink: what has not ended by then no longer counts. */
export async function closeTask({ context, end }: TaskEnvironment, consumption: Consumption, output: Output): Promise<void> {
  const { clock, logger } = context;
  await consumption.close();
  end();
  try {
    const isInTime = await within(clock, closeTimeoutMs, output.close());
    if (!isInTime) logger.warn({ closeTimeoutMs }, "the sink did not close in time");
  } catch (error) {
    logger.warn({ error: messageOf(error) }, "the sink did not close cleanly");
  }
}

/** Whether `work` ended within the time. @throws what it throws until then */
export async function within(clock: Clock, timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController();
  try {
    return await Promise.race([work.then(() => true), sleep(clock, timeoutMs, ended.signal).then(() => false)]);
  } finally {
    work.catch(() => {});
    ended.abort();
  }
}
