// `npm run poison [-- CASES [SEED]]`: the long form of the tests with hostile bytes; a million cases, each decoded by both back ends.
import { build, install, run } from "./workspace.mjs";

const [cases = "1000000", seed = String(Math.floor(Math.random() * 2 ** 32))] = process.argv.slice(2);

await install();
if ((await build()) !== 0) process.exit(1);
process.exitCode = await run("vitest", ["run", "test/contracts/poison"], { env: { POISON_CASES: cases, POISON_SEED: seed } });
