// `npm run example:outbox -- ARGS`: orders and their events in one transaction, and a relay that is killed again and again.
import { build, install, run, say } from "./workspace.mjs";

say("npm run example:outbox: an order, its event, a relay that is killed, a count");
await install();
if ((await build()) !== 0) process.exit(1);
// kafkajs, which only checks the result here, sets timers that are past
process.exitCode = await run("node", ["--disable-warning=TimeoutNegativeWarning", "examples/outbox/dist/main.js", ...process.argv.slice(2)]);
