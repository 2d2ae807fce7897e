import { type ConnectorStatus, defineConnector, MemoryPositions, type RunOptions, type WriteOutcome } from "@org/bus-connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../../../../test/support/servers/free-port.js";
import { listSink } from "../../../connect/test/list-sink.js";
import { listSource } from "../../../connect/test/list-source.js";
import { testBus } from "../../../connect/test/test-bus.js";
import { runConnectors } from "./run-connectors.js";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const written: WriteOutcome = { status: "written" };
const refused: WriteOutcome = { status: "rejected", error: new Error("it is refused") };

/** Connector `a` refuses its record 3 until it is repaired, and then waits with each until it is let go; `b` ends when it is let. */
async function setup({ hasAdmin = true, exitOnFailure = false } = {}) {
  const bus = testBus();
  onTestFinished(() => bus.close());
  let isRepaired = false;
  const [letGo, letEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const sink = listSink<number>(async ({ value }) => {
    if (!isRepaired) return value === 3 ? refused : written;
    await letGo.promise;
    return written;
  });
  const last = listSink<number>(async () => {
    await letEnd.promise;
    return written;
  });
  const maxInFlight = { records: 2 };
  const a = defineConnector({ name: "a", source: listSource({ lists: { s: numbers(50) } }), sink, maxInFlight, batch: { maxRecords: 1 } });
  const b = defineConnector({ name: "b", source: listSource({ lists: { s: numbers(2) } }), sink: last });
  const port = await freePort();
  const lines: string[] = [];
  const terminal = { out: (line: string) => void lines.push(line), error: (line: string) => void lines.push(`! ${line}`) };
  const positions: RunOptions["positions"] = new MemoryPositions();
  const admin = hasAdmin ? { host: "127.0.0.1", port, token: undefined } : undefined;
  const ended = runConnectors(bus, [a, b], { positions, admin, exitOnFailure }, terminal);
  ended.catch(() => {});
  const url = `http://127.0.0.1:${port}`;
  return {
    ended,
    lines,
    sink,
    letGo: letGo.resolve,
    letEnd: letEnd.resolve,
    healthCode: async () => (await fetch(`${url}/health`).catch(() => undefined))?.status,
    stateOf: async (name: string) => ((await (await fetch(`${url}/connectors/${name}`)).json()) as ConnectorStatus).state,
    ask: (path: string, method: "POST" | "PUT", body?: object) =>
      fetch(`${url}/connectors/a/${path}`, {
        method,
        ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      }),
    async repair() {
      isRepaired = true;
      await fetch(`${url}/connectors/a/restart`, { method: "POST" });
    },
    remedy: `! a: failed, and waits for bus connect restart (--url ${url}); with --exit-on-failure it would end here`,
  };
}

describe("runConnectors", () => {
  it("stays up while a connector has failed and none is at work, says so, and ends when it was restarted and is done", async () => {
    const { ended, lines, sink, letGo, letEnd, healthCode, stateOf, repair, remedy } = await setup();
    letEnd();
    await expect.poll(healthCode).toBe(503);
    await expect.poll(() => stateOf("b")).toBe("completed");
    await expect.poll(() => lines).toEqual([remedy]);
    expect(await healthCode()).toBe(503);
    await repair();
    letGo();
    await ended;
    expect(lines).toEqual([remedy, expect.stringMatching(/^a: \d+ read, \d+ written$/), "b: 2 read, 2 written"]);
    expect(new Set(sink.values)).toEqual(new Set(numbers(50)));
  });

  it.each([
    ["without an admin API", { hasAdmin: false }],
    ["where it is told to", { exitOnFailure: true }],
  ])("ends when the others have, naming what has failed, %s", async (_, how) => {
    const { ended, letEnd, lines } = await setup(how);
    letEnd();
    await expect(ended).rejects.toThrow("task s of a has failed: list failed on a[0] offset 3 after 1 attempt");
    expect(lines.at(-1)).toBe("b: 2 read, 2 written");
  });

  it("waits for a connector that was restarted while another was at work", async () => {
    const { ended, sink, letGo, letEnd, stateOf, repair } = await setup({ exitOnFailure: true });
    await expect.poll(() => stateOf("a").catch(() => undefined)).toBe("failed");
    await repair();
    letEnd();
    await expect.poll(() => stateOf("b")).toBe("completed");
    letGo();
    await ended;
    expect(new Set(sink.values)).toEqual(new Set(numbers(50)));
  });

  it("lets a connector that has failed go on behind what it cannot write", async () => {
    const { ended, sink, letEnd, healthCode, ask } = await setup();
    letEnd();
    await expect.poll(healthCode).toBe(503);
    await ask("stop", "POST");
    expect((await ask("positions/s", "PUT", { position: 4 })).status).toBe(200);
    await ask("restart", "POST");
    await ended;
    const values = new Set(sink.values);
    expect([values.has(3), numbers(50).filter((value) => value > 3 && !values.has(value))]).toEqual([false, []]);
  });
});
