// `npm run example:flights -- ARGS`: three million flights from a file over Kafka into PostgreSQL.
import { build, install, run, say } from "./workspace.mjs";

say("npm run example:flights: a Parquet file, a topic, running statistics, a table");
await install();
if ((await build()) !== 0) process.exit(1);
// what is needed at once is below 100 MB; without the limits V8 lets garbage grow to several times that before it looks
const memory = ["--max-old-space-size=192", "--max-semi-space-size=8"];
process.exitCode = await run("node", [...memory, "examples/flights/dist/main.js", ...process.argv.slice(2)]);
