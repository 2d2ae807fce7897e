// `npm run jaeger -- ARGS`: starts a Jaeger, runs the example with ARGS against it, and prints where the traces are.
import { build, install, run } from "./workspace.mjs";

await install();
if ((await build()) !== 0) process.exit(1);
process.exitCode = await run("node", ["--import", "./test/support/run-source.mjs", "test/support/jaeger/main.ts", ...process.argv.slice(2)]);
