import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapSpaceStatistics } from "node:v8";
import type { Logger } from "@org/bus-core";
import { instrumentsOf, leaveCurrentWork, openStreams, processMetrics, takeCurrentWork } from "@org/bus-core/internal";

/** How often a look is due. One that comes this much later, or more, has found the loop blocked. */
const lookMs = 250;
const blockedAfterMs = 1_000;
/** A process that was stopped, or had no processor, has used less of the time than this; it was not its code. */
const leastCpuShare = 0.05;
/** Below the resolution the histogram of Node counts nothing but its own timer. */
const resolutionMs = 10;

/** The histogram of the process, while it is watched. */
let delays: ReturnType<typeof monitorEventLoopDelay> | undefined;

/** The instruments of what the process itself is measured by. */
export const processInstruments = instrumentsOf("@org/bus-telemetry", processMetrics, (observe) => {
  if (delays !== undefined) {
    // it measures the time between two looks, of which its resolution is no delay
    const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs) / 1_000;
    observe("eventLoopDelayMax", seconds(delays.max), {});
    observe("eventLoopDelayP99", seconds(delays.percentile(99)), {});
    delays.reset();
  }
  for (const { space_name, space_used_size, space_size } of getHeapSpaceStatistics()) {
    observe("heapUsed", space_used_size, { "v8js.heap.space.name": space_name });
    observe("heapLimit", space_size, { "v8js.heap.space.name": space_name });
  }
});

/**
 * Measures the delay of the event loop and the heap, and reports when the loop was blocked for a second or longer, naming the stream whose code ran then: the
 * one whose call returned or ended first after it. Where that cannot be told, it names all streams with something in a handler. What computes after a wait
 * and waits again has told nothing: then the stream is named that something ended of next.
 *
 * @returns what ends it
 */
export function watchEventLoop(logger: Logger): () => void {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  delays = histogram;
  takeCurrentWork();
  processInstruments();
  let due = performance.now() + lookMs;
  let cpu = process.cpuUsage();
  const timer = setInterval(() => {
    processInstruments();
    const now = performance.now();
    const lateMs = now - due;
    due = now + lookMs;
    const { user, system } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const work = takeCurrentWork();
    const hasComputed = (user + system) / 1_000 >= lateMs * leastCpuShare;
    if (lateMs >= blockedAfterMs && hasComputed) reportBlock(logger, Math.round(lateMs), work === undefined ? busyStreams() : [work]);
  }, lookMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    leaveCurrentWork();
    histogram.disable();
    delays = undefined;
  };
}

interface Work {
  readonly group: string;
  readonly stage: string;
}

function reportBlock(logger: Logger, blockedMs: number, streams: readonly Work[]): void {
  // what blocks while no stream is at work, such as the start of the program, is in the delay only
  if (streams.length === 0) return;
  const fields = { blockedMs, streams: streams.map(({ group, stage }) => `${group}: ${stage}`) };
  logger.warn(fields, "the event loop was blocked: a handler that computes keeps heartbeats and all other handlers waiting");
  for (const { group, stage } of streams) {
    processInstruments()?.eventLoopBlocked.add(1, { "messaging.consumer.group.name": group, "bus.stage": stage });
  }
}

function busyStreams(): readonly Work[] {
  return openStreams().flatMap((stream) => {
    const { group, stages } = stream.explain();
    return stages.filter(({ inFlight }) => inFlight > 0).map(({ name }) => ({ group, stage: name }));
  });
}
