import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Summary } from "./simulate.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const node = ["--disable-warning=ExperimentalWarning", "--enable-source-maps", "--import", "./test/support/run-source.mjs"];

/** Runs the program as `npm run simulate` does. It replaces the time of its process, so it has one of its own. */
async function simulate(...args: string[]): Promise<{ readonly code: number | null; readonly lines: readonly string[]; readonly errors: string }> {
  const child = spawn(process.execPath, [...node, "test/simulation/main.ts", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    // a run whose promises go on for ever hears of no other end
    timeout: 390_000,
    killSignal: "SIGKILL",
  });
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.err += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { code, lines: output.out.trimEnd().split("\n"), errors: output.err };
}

describe("the simulation", () => {
  test.each([
    ["memory", 300, 20],
    ["kafkajs", 100, 3],
    ["platformatic", 100, 3],
  ])(
    "keeps every promise on %s, %i seeds, and they meet what they are for",
    async (transport, seeds, least) => {
      const { code, lines, errors } = await simulate("--transport", transport, "--seeds", String(seeds), "--json");
      // what failed, with the command that plays it again
      expect(lines.slice(0, -1)).toEqual([]);
      expect([code, errors]).toEqual([0, ""]);
      const summary = JSON.parse(lines.at(-1) ?? "") as Summary;
      expect(summary.seeds).toBe(seeds);
      for (const [name, count] of Object.entries(summary.encounters)) expect(count, name).toBeGreaterThanOrEqual(least);
    },
    400_000,
  );

  test.each(["memory", "kafkajs", "platformatic"])(
    "is the same for the same seed on %s, in one process and in two",
    async (transport) => {
      const play = (from: number, ...more: string[]) => simulate("--transport", transport, "--seeds", "5", "--from", String(from), "--json", ...more);
      const first = await play(1_000, "--twice");
      expect(await play(1_000)).toEqual(first);
      expect(first.code).toBe(0);
      const other = await play(1_001);
      expect(JSON.parse(other.lines.at(-1) ?? "")).not.toMatchObject({ hash: (JSON.parse(first.lines.at(-1) ?? "") as Summary).hash });
    },
    300_000,
  );

  test("shows the trace of one seed, and refuses what it does not know", async () => {
    const { code, lines } = await simulate("--seed", "1");
    expect(code).toBe(0);
    expect(lines.some((line) => / m1 +started jobs\[\d\]@\d+ key k\d+ in #\d+$/.test(line))).toBe(true);
    expect(await simulate("--seeds", "0")).toMatchObject({ code: 2, errors: expect.stringContaining("must be a whole number >= 1") });
    expect(await simulate("--transport", "pigeon")).toMatchObject({ code: 2, errors: expect.stringContaining("Allowed choices are memory") });
  }, 60_000);
});
