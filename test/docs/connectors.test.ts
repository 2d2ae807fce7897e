import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createBus, memory } from "@org/bus-core";
import { expect, it } from "vitest";
import { codeBlocks } from "./markdown.js";
import { root } from "./root.js";

it("the connector that docs/connectors.md writes has 60 lines at most, and runs", async () => {
  const block = codeBlocks(readFileSync(join(root, "docs/connectors.md"), "utf8")).find(({ title }) => title === "clock.ts");
  const text = block?.text ?? "";
  expect(text.split("\n").length).toBeLessThanOrEqual(60);
  const folder = join(root, "test/docs/.cache/connectors");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "clock.ts"), text);
  const { clock } = await import(join(folder, "clock.ts"));
  const { runConnector, MemoryPositions } = await import("@org/bus-connect");
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: string) => void lines.push(line);
  try {
    await using bus = createBus({ service: "docs", transport: memory() });
    const positions = new MemoryPositions();
    const running = runConnector(bus, clock, { positions });
    await expect.poll(() => lines.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
    await running.stop();
    expect(lines.slice(0, 3)).toEqual(["second 0", "second 1", "second 2"]);
    expect(positions.of("clock").get("0")?.position).toBe(lines.length);
  } finally {
    console.log = log;
  }
});
