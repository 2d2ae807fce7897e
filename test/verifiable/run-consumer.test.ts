import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { transports } from "./transports.js";

const program = fileURLToPath(new URL("../dist/verifiable/run-consumer.js", import.meta.url));
// nobody listens on port 9
const needed = ["--bootstrap-server", "127.0.0.1:9", "--topic", "t", "--group-id", "g"];

describe("the verifiable consumer", { timeout: 60_000 }, () => {
  it.each<[string, readonly string[]]>([
    ["--fail-rate 1.5 must be a number from 0 to 1", ["--fail-rate", "1.5"]],
    ["--fail-rate -0.1 must be a number from 0 to 1", ["--fail-rate", "-0.1"]],
    [
      "--group-protocol classic contradicts --transport platformatic-consumer; --transport platformatic has it",
      ["--transport", "platformatic-consumer", "--group-protocol", "classic"],
    ],
    ["--group-protocol consumer is not known to kafkajs, which has classic only", ["--group-protocol", "consumer"]],
    ["--command-config and its older name must not be given together", ["--command-config", "a", "--consumer.config", "b"]],
    ["the configuration file cannot be read: ENOENT: no such file or directory, open 'a'", ["--consumer.config", "a"]],
  ])("refuses: %s", async (fault, flags) => {
    const ended = promisify(execFile)(process.execPath, [program, ...needed, ...flags]);
    await expect(ended).rejects.toMatchObject({ code: 2, stdout: "", stderr: `${fault}; --help tells more\n` });
  });

  it("lays its help out in two columns", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, "--help"]);
    const [, ...lines] = stdout.trimEnd().split(/\n\n/);
    const flags = lines.at(-1)?.split("\n") ?? [];
    expect(flags.length).toBeGreaterThan(15);
    const columns = flags.map((line) => line.length - (line.split(/ {2,}/).at(-1)?.length ?? 0));
    expect(new Set(columns).size).toBe(1);
  });

  it.each(Object.keys(transports))("ends at SIGTERM before it has started, on %s, and says what it passes over", async (transport) => {
    const child = spawn(process.execPath, [program, ...needed, "--transport", transport, "--assignment-strategy", "Range"]);
    const output = { stdout: "", stderr: "" };
    const tries = Promise.withResolvers<void>();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output.stderr += text;
      // what the client says of a broker that it does not reach
      if (output.stderr.includes("127.0.0.1:9") || output.stderr.includes("ECONNREFUSED")) tries.resolve();
    });
    const closed = once(child, "close");
    await Promise.race([tries.promise, closed]);
    child.kill("SIGTERM");
    expect(await closed, output.stderr).toEqual([0, null]);
    expect(
      output.stdout
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { name: string }).name),
    ).toEqual(["shutdown_requested", "shutdown_complete"]);
    expect(output.stderr).toContain("--assignment-strategy Range is passed over: how partitions are assigned is up to --transport\n");
  });
});
