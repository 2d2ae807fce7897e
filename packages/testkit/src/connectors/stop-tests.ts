import { expect } from "vitest";
import type { Child } from "./run-child.js";

const maxStopMs = 5_000;

/** Stops a process as an orchestrator does, and expects it to end by itself, and soon. */
export async function stopsCleanly(child: Child): Promise<void> {
  await child.ready;
  const from = performance.now();
  child.stop();
  const { code, signal } = await child.ended;
  expect({ code, signal, errors: child.errors() }).toEqual({ code: 0, signal: null, errors: expect.any(String) });
  // a machine on which starting takes seconds is slow itself
  expect(performance.now() - from).toBeLessThan(Math.max(maxStopMs, child.startMs() * 5));
}
