// `npm start -- ARGS`: the main job, on the embedded transport unless ARGS say otherwise.
import { build, install, run, say } from "./workspace.mjs";

say("npm start: the earthquake feed, from a .proto to a keyed pipeline");
await install();
if ((await build()) !== 0) process.exit(1);
process.exitCode = await run("node", ["examples/quakes/dist/main.js", ...process.argv.slice(2)]);
