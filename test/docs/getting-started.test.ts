import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { type CodeBlock, codeBlocks } from "./markdown.js";
import { root } from "./root.js";
import { runShell, type ShellRun } from "./run-shell.js";

const kafka = await kafkaForTests();
const document = await readFile(join(root, "docs/getting-started.md"), "utf8");
const blocks = codeBlocks(document);
const output = blocks.find(({ language }) => language === "text")?.text ?? "";

/** The script of a block that has a title. */
function script(title: string): string {
  const block = blocks.find((candidate) => candidate.title === title);
  if (block === undefined) throw new Error(`docs/getting-started.md has no block titled ${title}`);
  return block.text;
}

describe("docs/getting-started.md", () => {
  let home = "";
  let project = "";
  let env: Record<string, string> = {};

  const succeed = async (text: string, cwd: string, more: Readonly<Record<string, string>> = {}): Promise<ShellRun> => {
    const run = await runShell(text, cwd, { ...env, ...more });
    if (run.code !== 0) throw new Error(`exit code ${run.code} of:\n${text}\n${run.output}`);
    return run;
  };

  beforeAll(async () => {
    // a new user's home, but for what npm has downloaded before
    home = await mkdtemp(join(tmpdir(), "bus-getting-started-"));
    project = join(home, "orders");
    env = { HOME: home, npm_config_cache: process.env.npm_config_cache ?? join(homedir(), ".npm"), npm_config_prefer_offline: "true" };
  });

  afterAll(() => rm(home, { recursive: true, force: true }));

  const step = async ({ language, title, text }: CodeBlock): Promise<string> => {
    if (language === "sh" && title === "clone") return (await succeed(text, root)).stdout;
    // a shell that has once entered the project stays there
    if (language === "sh" && title === undefined) return (await succeed(text, text.includes("cd orders") ? home : project)).stdout;
    if (title?.startsWith("orders/")) {
      await mkdir(dirname(join(home, title)), { recursive: true });
      await writeFile(join(home, title), text);
    }
    return "";
  };

  test("leads to the output that it shows", { timeout: 240_000 }, async () => {
    let printed = "";
    for (const block of blocks) printed = (await step(block)) || printed;
    expect(printed).toBe(output);
  });

  test("leads to one trace for each order", async () => {
    const { stdout } = await succeed(script("trace"), project);
    const traceOf = (name: string) =>
      [...stdout.matchAll(new RegExp(`traceId: '(\\w+)',(?:(?!traceId).)*name: '${name}'`, "gs"))].map(([, id]) => id);
    const processed = traceOf("process guide.orders.v1");
    expect(new Set(processed).size).toBe(3);
    expect(traceOf("create guide.orders.v1")).toEqual(expect.arrayContaining(processed));
  });

  test.skipIf(!kafka.available)("leads to the same output on Kafka", async () => {
    const { stdout } = await succeed(script("kafka").replace("localhost:9092", kafka.brokers.join(",")), project);
    expect(stdout).toBe(output);
  });
});
