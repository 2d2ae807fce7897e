// `npm run simulate -- [--seeds N] [--from N] …`: groups of consumers under faults, on a virtual clock. `--help` tells more.
import { install, run } from "./workspace.mjs";

await install();
const node = ["--disable-warning=ExperimentalWarning", "--enable-source-maps", "--import", "./test/support/run-source.mjs"];
process.exitCode = await run("node", [...node, "test/simulation/main.ts", ...process.argv.slice(2)]);
