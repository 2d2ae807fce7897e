// `npm run mutants -- [--only TEXT]`: deliberate faults, each of which the tests have to notice. `--help` tells more.
import { install, run } from "./workspace.mjs";

await install();
const node = ["--disable-warning=ExperimentalWarning", "--import", "./test/support/run-source.mjs"];
process.exitCode = await run("node", [...node, "test/mutants/main.ts", ...process.argv.slice(2)]);
