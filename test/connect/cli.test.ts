import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../support/servers/free-port.js";

const bus = fileURLToPath(new URL("../../packages/cli/bin/bus.js", import.meta.url));
const connectors = fileURLToPath(new URL("./programs/connectors.ts", import.meta.url));
const hanging = fileURLToPath(new URL("./programs/hanging.ts", import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<[number | null, string | null]>;
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const { KAFKA_BROKERS: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [bus, "connect", ...args], { env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  const ended = once(child, "close") as Promise<[number | null, string | null]>;
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, output: () => text, ended };
}

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { ended, output } = start(args, env);
  const [code] = await ended;
  return { code, output: output() };
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "bus-connect-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

describe("bus connect", () => {
  it("runs connectors to their end, and goes on where they were", { timeout: 60_000 }, async () => {
    const positions = join(await folder(), "positions.json");
    expect(await run(["run", connectors, "--positions", positions, "--no-admin"], { COUNT: "40" })).toEqual({
      code: 0,
      output: "all: 40 read, 40 written\neven: 40 read, 20 written\n",
    });
    expect(await run(["run", connectors, "--only", "all", "--positions", positions, "--no-admin"], { COUNT: "50" })).toEqual({
      code: 0,
      output: "all: 10 read, 10 written\n",
    });
  });

  it.each([
    ["has run them", ["run", "--no-admin", "--positions"]],
    ["has tried them", ["run", "--dry-run", "3", "--positions"]],
    ["could not load one of them", ["check", "--only"]],
  ])("ends when it %s, whatever their modules hold open", { timeout: 60_000 }, async (_, args) => {
    const at = await folder();
    const module = join(at, "open.ts");
    await writeFile(module, `setInterval(() => {}, 1_000);\nexport * from ${JSON.stringify(connectors)};\n`);
    const { code } = await run([...args, join(at, "positions.json"), module], { COUNT: "4" });
    expect(code).toBe(args.includes("check") ? 1 : 0);
  });

  it("prints what would be written, and changes nothing", { timeout: 60_000 }, async () => {
    const positions = join(await folder(), "positions.json");
    await run(["run", connectors, "--only", "even", "--positions", positions, "--no-admin"], { COUNT: "4" });
    const stored = await readFile(positions, "utf8");
    const dry = ["run", connectors, "--only", "even", "--positions", positions, "--dry-run", "3"];
    expect(await run(dry, { COUNT: "9" })).toEqual({
      code: 0,
      output:
        '{"connector":"even","id":"n4","key":null,"value":4}\n{"connector":"even","id":"n6","key":null,"value":6}\neven: 2 would be written, 0 would be refused\n',
    });
    const refused = await run([...dry, "--from-start"], { COUNT: "9", ODD: "2" });
    expect(refused).toEqual({
      code: 1,
      output: [
        '{"connector":"even","id":"n0","key":null,"value":0}',
        '{"connector":"even","id":"n2","failed":"sink taking","error":"2 is odd"}',
        "even: 1 would be written, 1 would be refused",
        "1 of even would be refused\n",
      ].join("\n"),
    });
    expect(await readFile(positions, "utf8")).toBe(stored);
  });

  it("refuses a second process on its file of positions, and takes over that of one that was killed", { timeout: 60_000 }, async () => {
    const positions = join(await folder(), "positions.json");
    const first = start(["run", connectors, "--only", "all", "--positions", positions, "--no-admin"]);
    await expect.poll(() => readFile(positions, "utf8").catch(() => "")).toContain("position");
    const second = await run(["run", connectors, "--only", "even", "--positions", positions, "--no-admin"], { COUNT: "2" });
    expect(second.code).toBe(1);
    expect(second.output).toContain(`${positions} is in use by process ${first.child.pid}: a file of positions is for one process`);
    first.child.kill("SIGKILL");
    await first.ended;
    expect(await run(["run", connectors, "--only", "even", "--positions", positions, "--no-admin"], { COUNT: "2" })).toEqual({
      code: 0,
      output: "even: 2 read, 1 written\n",
    });
    expect(await readdir(dirname(positions))).toEqual(["positions.json"]);
  });

  it("keeps dead letters beside the positions where there is no Kafka to keep them", { timeout: 60_000 }, async () => {
    const inside = await folder();
    const args = ["run", connectors, "--only", "all", "--positions", join(inside, "positions.json"), "--no-admin"];
    const { code, output } = await run(args, { COUNT: "3", REFUSE: "any", TOLERATE: "all" });
    expect(code).toBe(0);
    expect(output).toContain("all: 3 read, 0 written, 3 dead letters\n");
    expect((await readdir(inside)).sort()).toEqual(["all.dlq.ndjson", "positions.json"]);
    const lines = (await readFile(join(inside, "all.dlq.ndjson"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { id: "n0", connector: "all", stage: "taking", cause: { message: "taking refused n0: it is refused" }, original: { text: "0" } },
      { id: "n1" },
      { id: "n2" },
    ]);
  });

  it("says what is wrong, and exits with 1; wrong usage exits with 2", { timeout: 60_000 }, async () => {
    const file = join(await folder(), "reason.txt");
    await writeFile(file, "the table does not exist\n");
    expect(await run(["check", connectors], { REFUSE: file })).toEqual({
      code: 1,
      output: "all: sink: the table does not exist\neven: sink: the table does not exist\n2 problems\n",
    });
    expect(await run(["run", connectors, "--only", "odd"])).toEqual({ code: 1, output: "no connector is called odd (there are all, even)\n" });
    expect((await run(["run", connectors], { KAFKA_BROKERS: " " })).output).toBe(
      "without Kafka positions would be lost: set KAFKA_BROKERS, or keep them in a file with --positions FILE\n",
    );
    expect(await run(["run", connectors, "--positions", `${file}.json`, "--host", "0.0.0.0"])).toMatchObject({
      code: 1,
      output: expect.stringContaining("--host 0.0.0.0 can be reached by others: set BUS_ADMIN_TOKEN, or listen on 127.0.0.1"),
    });
    expect((await run(["run", connectors, "--port", "x"])).code).toBe(2);
    const refused = await run(["run", connectors, "--only", "all", "--positions", `${file}.json`, "--no-admin"], { REFUSE: file, COUNT: "3" });
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringContaining("task 0 of all has failed: taking failed on all[0] offset 0 after 1 attempt"),
    });
  });

  it("tells what is wrong with modules, where, and what helps", { timeout: 60_000 }, async () => {
    const made = await folder();
    const write = async (name: string, text: string) => {
      await writeFile(join(made, name), text);
      return join(made, name);
    };
    const files = [
      join(made, "gone.ts"),
      await write("none.ts", "export const nothing = 1;"),
      await write("throws.ts", '\nthrow new Error("no luck");'),
      await write("broken.ts", "const a = 1;\nexport const b = {,};"),
      await write("enum.ts", "enum Colour { Red }\nexport const a = Colour.Red;"),
    ];
    const { code, output } = await run(["check", connectors, connectors, ...files]);
    const lines = [
      "gone.ts: there is no such file",
      "none.ts exports no connector (export const name = defineConnector({ … }))",
      "throws.ts: no luck (throws.ts:2)",
      expect.stringMatching(/^broken\.ts: .+ \(broken\.ts:2\)$/),
      expect.stringMatching(/^enum\.ts: .+; Node only removes types: write it without, or compile the file first \(enum\.ts:1\)$/),
    ];
    const told = output
      .trimEnd()
      .replaceAll(`${relative(process.cwd(), made)}/`, "")
      .replaceAll(`${made}/`, "");
    expect({ code, told: told.split("\n") }).toEqual({ code: 1, told: lines });
  });

  it("takes options in any order, and says what their values must be", { timeout: 60_000 }, async () => {
    expect(await run(["check", "--only", "even", connectors])).toEqual({ code: 0, output: "even: ok\n" });
    expect(await run(["check", connectors, "--only", "odd", "--only", "even"])).toEqual({
      code: 1,
      output: "no connector is called odd (there are all, even)\n",
    });
    const usage = async (...args: readonly string[]) => {
      const { code, output } = await run(args);
      return `${code} ${output.split("\n")[0]}`;
    };
    expect(await usage("run", connectors, "--port", "99999")).toMatch(/^2 .*It must be a whole number from 0 to 65535\.$/);
    expect(await usage("run", connectors, "--from-start")).toMatch(/^2 error: option '--from-start' is of --dry-run\./);
    expect(await usage("status", "--url", "nonsense")).toMatch(/^2 .*It must be a URL such as http:\/\/127\.0\.0\.1:8083\.$/);
    expect(await usage("positions", "--set", "0", "even")).toMatch(/^1 --set 0 must be SPLIT=JSON/);
    const file = join(await folder(), "file");
    await writeFile(file, "");
    expect(await run(["run", connectors, "--only", "all", "--positions", join(file, "p.json"), "--no-admin"])).toMatchObject({
      code: 1,
      output: expect.stringContaining(`positions cannot be kept in ${join(file, "p.json")}: `),
    });
    expect(await run(["check", connectors, "--only", "all"], { KAFKA_BROKERS: "127.0.0.1:1" })).toMatchObject({
      code: 1,
      output: expect.stringContaining("all: positions: cannot describe topics"),
    });
  });

  it("is looked after by its admin API, and closes on SIGTERM", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const running = start(["run", connectors, "--positions", join(await folder(), "positions.json"), "--port", String(port)]);
    await expect.poll(async () => (await fetch(`${url}/health`).catch(() => undefined))?.status, { timeout: 20_000 }).toBe(200);
    expect((await run(["pause", "even", "--url", url])).output).toContain("even: numbers → taking, PAUSED");
    expect((await run(["resume", "even", "--url", url])).output).toContain("even: numbers → taking, RUNNING");
    expect(await run(["positions", "even", "--url", url, "--set", "0=3"])).toEqual({
      code: 1,
      output: "positions of even can be changed only while it is stopped\n",
    });
    expect((await run(["stop", "even", "--url", url])).output).toContain("STOPPED");
    expect(await run(["positions", "even", "--url", url, "--set", "0=3"])).toEqual({ code: 0, output: '{"split":"0","position":3,"records":0}\n' });
    expect((await run(["restart", "even", "--url", url])).code).toBe(0);
    const { code, output } = await run(["status", "--json", "--url", url]);
    expect({ code, connectors: JSON.parse(output) }).toMatchObject({ code: 0, connectors: [{ name: "all", state: "running" }, { name: "even" }] });
    // a page in a browser has no business here
    expect((await fetch(`${url}/connectors/all/stop`, { method: "POST", headers: { origin: "https://example.org" } })).status).toBe(403);
    const openapi = (await (await fetch(`${url}/openapi.json`)).json()) as { readonly paths: object };
    expect(Object.keys(openapi.paths)).toContain("/connectors/{name}/positions/{split}");
    running.child.kill("SIGTERM");
    expect(await running.ended).toEqual([0, null]);
  });

  it("closes on SIGTERM although a sink hangs and holds the process", { timeout: 60_000 }, async () => {
    const running = start(["run", hanging, "--positions", join(await folder(), "positions.json"), "--no-admin"]);
    await expect.poll(running.output, { timeout: 20_000 }).toContain("it hangs");
    running.child.kill("SIGTERM");
    expect(await running.ended).toEqual([0, null]);
    expect(running.output()).toContain("hanging: 1 read, 0 written\n");
  });

  it("moves nothing when its port is taken", { timeout: 60_000 }, async () => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, output } = await run(["run", hanging, "--positions", join(await folder(), "positions.json"), "--port", String(port)]);
    expect(code).toBe(1);
    expect(output).toContain(`the admin API cannot listen on 127.0.0.1:${port}`);
    expect(output).not.toContain("it hangs");
  });

  it("answers others only with the token", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const token = { BUS_ADMIN_TOKEN: "correct horse" };
    start(["run", connectors, "--positions", join(await folder(), "positions.json"), "--port", String(port), "--host", "0.0.0.0"], token);
    const health = (authorization: string) => fetch(`${url}/health`, { headers: { authorization } }).catch(() => undefined);
    await expect.poll(async () => (await health("Bearer correct horse"))?.status, { timeout: 20_000 }).toBe(200);
    expect((await health("Bearer correct hors"))?.status).toBe(401);
    expect((await health(""))?.status).toBe(401);
    expect((await run(["status", "--url", url])).output).toContain("a bearer token is needed");
    expect((await run(["status", "--url", url], token)).code).toBe(0);
  });
});
