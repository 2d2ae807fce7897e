import { describe, expect, it } from "vitest";
import { ManualClock, settled } from "../testing/manual-clock.js";
import { ScriptedTransport } from "../testing/scripted-transport.js";
import { TopicCatalog } from "./topic-catalog.js";

function setup() {
  const clock = new ManualClock();
  const transport = new ScriptedTransport();
  const catalog = new TopicCatalog(transport.admin, clock);
  return { clock, transport, catalog };
}

describe("TopicCatalog", () => {
  it("knows a topic after it was loaded, and not before or after forget", async () => {
    const { clock, transport, catalog } = setup();
    transport.topics.set("t", 3);
    expect(catalog.partitions("t", clock.now())).toBe(undefined);
    await catalog.load("t");
    expect(catalog.partitions("t", clock.now())).toBe(3);
    catalog.forget("t");
    expect(catalog.partitions("t", clock.now())).toBe(undefined);
  });

  it("believes for one second that a topic does not exist", async () => {
    const { clock, catalog } = setup();
    await catalog.load("t");
    expect(catalog.partitions("t", clock.now() + 999)).toBe(0);
    expect(catalog.partitions("t", clock.now() + 1_000)).toBe(undefined);
  });

  it("asks again after five minutes, in the background", async () => {
    const { clock, transport, catalog } = setup();
    transport.topics.set("t", 3);
    await catalog.load("t");
    transport.topics.set("t", 6);
    await clock.advance(300_000);
    expect(catalog.partitions("t", clock.now())).toBe(3);
    expect(catalog.partitions("t", clock.now())).toBe(3);
    await settled();
    expect(catalog.partitions("t", clock.now())).toBe(6);
    expect(transport.described.length).toBe(2);
  });

  it("keeps what it knows when asking again fails", async () => {
    const { clock, transport, catalog } = setup();
    transport.topics.set("t", 3);
    await catalog.load("t");
    await clock.advance(300_000);
    transport.nextFault = new Error("unreachable");
    catalog.partitions("t", clock.now());
    await settled();
    expect(catalog.partitions("t", clock.now())).toBe(3);
  });
});
