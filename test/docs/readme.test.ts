import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Bus, createBus, createMemoryBroker, memory } from "@org/bus-core";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { QuakeAlert, QuakeReported } from "../../examples/quakes/src/gen/quakes/v1/quakes.js";
import { codeBlocks } from "./markdown.js";
import { root } from "./root.js";
import { runShell } from "./run-shell.js";

/** A folder of its own for the example, with what it imports beside it: the contracts, and the function that is the reader's. */
const folder = join(root, "test/docs/.cache/readme");
const beside = {
  "gen/quakes/v1/quakes.ts": `export { QuakeAlert, type QuakeAlertInit, QuakeReported } from "../../../../../../../examples/quakes/src/gen/quakes/v1/quakes.js";\n`,
  "assess.ts": `import type { QuakeAlertInit, QuakeReported } from "./gen/quakes/v1/quakes.js";

export async function assess({ id, network, magnitude }: QuakeReported, _signal: AbortSignal): Promise<QuakeAlertInit> {
  return { id, network, magnitude, summary: "assessed", peopleExposed: 0 };
}
`,
  "tsconfig.json": JSON.stringify({
    extends: "../../../../tsconfig.base.json",
    // what users see: the built types
    compilerOptions: { customConditions: [], composite: false, declaration: false, declarationMap: false, sourceMap: false, noEmit: true },
    include: ["example.ts"],
  }),
};

const readme = await readFile(join(root, "README.md"), "utf8");
const example = codeBlocks(readme).find(({ title }) => title === "example.ts")?.text ?? "";

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

/** Puts a cluster in memory where the example looks for its Kafka; what it returns is another process on that cluster. */
function cluster(): Bus {
  const broker = createMemoryBroker();
  vi.doMock("@org/bus-kafka", () => ({ kafka: () => memory({ broker }) }));
  return createBus({ service: "another", transport: memory({ broker }) });
}

describe("README", () => {
  beforeAll(async () => {
    for (const [name, text] of Object.entries(beside)) await write(name, text);
    await write("example.ts", example);
    // the example closes at once; this one waits for its alert before
    await write("example-that-waits.ts", example.replace("await alerts.close();", "await globalThis.alertReceived;\nawait alerts.close();"));
  });

  afterEach(() => {
    vi.doUnmock("@org/bus-kafka");
    vi.unstubAllGlobals();
  });

  test("has an example that compiles as it is printed", { timeout: 60_000 }, async () => {
    expect(example).toContain("bus.publish(QuakeReported");
    const { code, output } = await runShell(`tsc -p ${folder}`, root, { PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` });
    expect(output).toBe("");
    expect(code).toBe(0);
  });

  test("has an example that runs as it is printed", async () => {
    await using operations = cluster();
    await operations.topics.ensure([QuakeReported, QuakeAlert]);
    await import(join(folder, "example.ts"));
  });

  test("has an example that raises an alert", async () => {
    await using desk = cluster();
    await desk.topics.ensure([QuakeReported, QuakeAlert]);
    const alertReceived = new Promise((resolve) => {
      desk.consume(QuakeAlert, { group: "desk" }, resolve);
    });
    vi.stubGlobal("alertReceived", alertReceived);
    await import(join(folder, "example-that-waits.ts"));
    expect(await alertReceived).toMatchObject({ id: "ci37868143", network: "ci", magnitude: 4.6, summary: "assessed" });
  });
});
