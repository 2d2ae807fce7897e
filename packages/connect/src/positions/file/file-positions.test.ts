import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { listSink } from "../../../test/list-sink.js";
import { listSource } from "../../../test/list-source.js";
import { testBus } from "../../../test/test-bus.js";
import { defineConnector } from "../../define/define-connector.js";
import { runConnector } from "../../run/run-connector.js";
import { filePositions } from "./file-positions.js";

const nobody = { changed() {}, async leaving() {} };

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "bus-positions-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** Tells how often a file was brought to the disk since. */
async function countSyncs(file: string): Promise<() => number> {
  await using handle = await open(file, "w");
  const sync = vi.spyOn(Object.getPrototypeOf(handle), "sync");
  onTestFinished(() => sync.mockRestore());
  return () => sync.mock.calls.length;
}

describe("filePositions", () => {
  it("puts all that wait into one write, and rejects none of them", async () => {
    await using bus = testBus();
    const inside = await folder();
    const path = join(inside, "deep", "positions.json");
    const [a, b] = await Promise.all(["a", "b"].map((connector) => filePositions(path).open(connector, bus, nobody)));
    const syncs = await countSyncs(join(inside, "other"));
    const splits = Array.from({ length: 100 }, (_, index) => `s${index}`);
    await Promise.all(splits.flatMap((split, index) => [a, b].map((positions) => positions?.store(split, { position: index, offset: index }))));
    expect(syncs()).toBe(1);
    const stored = JSON.parse(await readFile(path, "utf8")) as Readonly<Record<string, object>>;
    const all = Object.fromEntries(splits.map((split, index) => [split, { position: index, offset: index }]));
    expect(stored).toEqual({ a: all, b: all });
    await Promise.all([a?.close(), b?.close()]);
  });

  it("stores what came during a write, and tells a fault to all that waited", async () => {
    await using bus = testBus();
    const path = join(await folder(), "positions.json");
    const positions = await filePositions(path).open("c", bus, nobody);
    const first = positions.store("a", { position: 1, offset: 1 });
    await Promise.resolve();
    await Promise.all([first, positions.store("a", { position: 2, offset: 2 })]);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ c: { a: { position: 2, offset: 2 } } });
    await rm(`${path}.lock`);
    const results = await Promise.allSettled(["x", "y"].map((split) => positions.store(split, { position: 1, offset: 1 })));
    expect(results.map((result) => (result.status === "rejected" ? String(result.reason) : ""))).toEqual([
      expect.stringContaining("positions.json.lock is gone"),
      expect.stringContaining("positions.json.lock is gone"),
    ]);
    await positions.close();
  });

  it.each(["a file", "/proc"])("fails at once where its folder cannot be made, in %s", async (where) => {
    await using bus = testBus();
    const file = join(await folder(), "file");
    await writeFile(file, "");
    const path = join(where === "/proc" ? where : file, "nope", "positions.json");
    const connector = defineConnector({ name: "c", source: listSource({ lists: { a: [1] } }), sink: listSink<number>() });
    const running = runConnector(bus, connector, { positions: filePositions(path) });
    await expect(running.finished).rejects.toThrow(`positions cannot be kept in ${path}: E`);
    expect(bus.lines).toEqual([]);
  });
});
