// `npm run soak`: faults on a real Kafka, the long form. Never part of `npm test`, which runs the short one.
import { build, install, run } from "./workspace.mjs";

await install();
if ((await build()) !== 0) process.exit(1);
process.exitCode = await run("node", ["test/dist/faults/soak.js", ...process.argv.slice(2)]);
