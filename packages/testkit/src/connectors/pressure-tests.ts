import { expect } from "vitest";
import { eventually } from "./eventually.js";
import type { Child } from "./run-child.js";

export const pressure = { maxInFlight: 100, recordMs: 2 };
const samples = 20;
/** What a heap gains and loses without any cause of its own. */
const heapNoiseBytes = 16 * 1024 * 1024;

/** Watches a process whose sink is slow until it has seen enough, and expects reading to have been held back. */
export async function holdsBack(child: Child, timeoutMs: number): Promise<void> {
  const full = () => child.samples.filter(({ inFlight }) => inFlight >= pressure.maxInFlight / 2);
  await eventually(
    () => full().length >= samples,
    timeoutMs,
    () => `the source is not faster than the sink: ${JSON.stringify(child.samples.at(-1))} ${child.errors()}`,
  );
  const bound = pressure.maxInFlight + Math.max(...child.samples.map(({ largestBatch }) => largestBatch));
  expect(Math.max(...child.samples.map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(bound);
  const [first] = full();
  const last = full().at(-1);
  expect((last?.heapBytes ?? 0) - (first?.heapBytes ?? 0)).toBeLessThan(heapNoiseBytes);
}
