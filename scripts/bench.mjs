// `npm run bench -- [NAME …]`: side-by-side measurements against peers, on a real Kafka. Never part of `npm test`.
import { build, install, run } from "./workspace.mjs";

await install();
if ((await build()) !== 0) process.exit(1);
process.exitCode = await run("node", ["bench/dist/main.js", ...process.argv.slice(2)]);
