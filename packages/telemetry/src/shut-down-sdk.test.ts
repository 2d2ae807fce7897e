import { afterEach, describe, expect, it, vi } from "vitest";
import { shutDownSdk } from "./shut-down-sdk.js";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What is written to stderr, a parsed line each. */
function warnings(): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => {
    lines.push(JSON.parse(String(line)));
    return true;
  });
  return lines;
}

const warning = (error: string) => ({ level: "warn", time: expect.any(String), message: "the last telemetry could not be exported", error });

describe("shutDownSdk", () => {
  it.each([
    ["its message", new Error("connect ECONNREFUSED 127.0.0.1:1"), "connect ECONNREFUSED 127.0.0.1:1"],
    ["its code, where it has no message", Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
    ["no credentials", new Error("cannot reach http://ada:secret@host/v1/traces"), "cannot reach http://host/v1/traces"],
    ["nothing of a value that is no error", { password: "secret" }, "unknown"],
  ])("warns of a failure with %s, and does not reject", async (_, error, text) => {
    const lines = warnings();
    await shutDownSdk({ shutdown: () => Promise.reject(error) });
    expect(lines).toEqual([warning(text)]);
  });

  it("waits 5 s at most", async () => {
    vi.useFakeTimers();
    const lines = warnings();
    const done = vi.fn();
    const stopping = shutDownSdk({ shutdown: () => new Promise(() => {}) }).then(done);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await stopping;
    expect(lines).toEqual([warning("no answer after 5000 ms")]);
  });

  it("says nothing and leaves no timer when all is exported", async () => {
    vi.useFakeTimers();
    const lines = warnings();
    await shutDownSdk({ shutdown: () => Promise.resolve() });
    expect(lines).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
