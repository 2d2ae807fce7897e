import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { jaegerForTests } from "../support/jaeger/jaeger.js";
import { traces } from "../support/jaeger/query.js";
import { codeBlocks } from "./markdown.js";
import { root } from "./root.js";
import { runShell } from "./run-shell.js";

const jaeger = await jaegerForTests();
const folder = join(root, "test/docs/.cache/debugging");
const blocks = codeBlocks(await readFile(join(root, "docs/debugging.md"), "utf8"));

function block(title: string): string {
  const found = blocks.find((candidate) => candidate.title === title);
  if (found === undefined) throw new Error(`docs/debugging.md has no block titled ${title}`);
  return found.text;
}

/** What a share of the time went into, as the hunt prints it. */
const lines = (output: string) =>
  Array.from(output.matchAll(/^ *(\d+) % {2}(.+)$/gm), ([, percent, what = ""]) => ({ percent: Number(percent), what }));

/** The findings of a block of the page, without their shares, which depend on the machine. */
const expected = (title: string): string[] => lines(block(title)).map(({ what }) => what);

/** Those of a run: a busy machine may add a few milliseconds of waits that are none of the page's. */
const findings = (output: string, title: string): string[] =>
  lines(output).flatMap(({ percent, what }) => (percent > 5 || expected(title).includes(what) ? [what] : []));

const files: Readonly<Record<string, string>> = {
  "pipeline.ts": block("pipeline.ts"),
  "hunt.ts": block("hunt.ts"),
  "gen/quakes/v1/quakes.ts": `export { QuakeReported } from "../../../../../../../examples/quakes/src/gen/quakes/v1/quakes.js";\n`,
  "tsconfig.json": JSON.stringify({
    extends: "../../../../tsconfig.base.json",
    compilerOptions: { customConditions: [], composite: false, declaration: false, declarationMap: false, sourceMap: false, noEmit: true },
    include: ["pipeline.ts", "hunt.ts"],
  }),
};

describe("docs/debugging.md", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  });

  test("has programs that compile as they are printed", async () => {
    const { code, output } = await runShell(`tsc -p ${folder}`, root, { PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` });
    expect(output).toBe("");
    expect(code).toBe(0);
  });

  test.skipIf(jaeger === undefined)("finds the slow writer by explain() and by the traces, and that the remedy is one", async () => {
    if (jaeger === undefined) return;
    const { url, otlpUrl } = jaeger;

    /** Runs the blocks `run` and `hunt` with the addresses of this Jaeger, and the sources of the workspace. */
    const runHunt = async (title: string, service: string) => {
      const env = { SERVICE: service, JAEGER_URL: url, NODE_OPTIONS: `--import ${join(root, "test/support/run-source.mjs")}` };
      const execute = async (script: string) => {
        const { code, stdout, output } = await runShell(script.replace("http://127.0.0.1:4318", otlpUrl), folder, env);
        if (code !== 0) throw new Error(output);
        return stdout;
      };
      const now = await execute(block(title));
      // what was sent a moment ago is not there yet
      const operation = "process quakes.reported.v1";
      await traces(jaeger, service, operation, (all) => all.flat().filter((span) => span.operation === operation).length === 200);
      return { now, over: await execute(block("hunt")) };
    };
    const run = `${process.pid}-${Date.now().toString(36)}`;

    const before = await runHunt("run", `quake-rows-before-${run}`);
    // some are written before the last is looked up
    const withoutCount = (text: string) => text.replace(/\d+ waiting/, "… waiting");
    expect(withoutCount(before.now)).toBe(withoutCount(block("now")));
    // the culprit leads; what follows is short, and changes places on a busy machine
    const found = findings(before.over, "before");
    expect(found[0]).toBe(expected("before")[0]);
    expect(found.toSorted()).toEqual(expected("before").toSorted());

    const after = await runHunt("run again", `quake-rows-after-${run}`);
    expect(findings(after.over, "after").toSorted()).toEqual(expected("after").toSorted());
  });
});
