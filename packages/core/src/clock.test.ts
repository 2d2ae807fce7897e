import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "./clock.js";

describe("systemClock", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("waits for what is due later than a timer of Node can wait", () => {
    vi.useFakeTimers();
    const called = vi.fn();
    const cancel = systemClock.schedule(2 ** 40, called);
    vi.advanceTimersByTime(2 ** 31 - 2);
    expect(called).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(called).toHaveBeenCalledOnce();
    cancel();
  });
});
