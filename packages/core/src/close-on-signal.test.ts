import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { closeOnSignal } from "./close-on-signal.js";
import { createBus } from "./create-bus.js";
import { failure, reading } from "./testing/publisher-setup.js";
import { Reading } from "./testing/reading.js";

describe("closeOnSignal", () => {
  it("closes the bus and then raises the signal again", async () => {
    const bus = createBus({ service: "lab" });
    closeOnSignal(bus, ["SIGUSR2"]);
    // this listener stands for the default, which would end the process
    const first = once(process, "SIGUSR2");
    process.kill(process.pid, "SIGUSR2");
    await first;
    await once(process, "SIGUSR2");
    expect((await failure(bus.publish(Reading, reading("a")))).code).toBe("closed");
    expect(process.listenerCount("SIGUSR2")).toBe(0);
  });

  it("can be taken back", async () => {
    await using bus = createBus({ service: "lab" });
    closeOnSignal(bus, ["SIGUSR2"])();
    expect(process.listenerCount("SIGUSR2")).toBe(0);
  });
});
