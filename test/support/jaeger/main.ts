// `npm run jaeger -- [OPTIONS OF THE EXAMPLE]`: a Jaeger, and the example sending its traces to it. Ctrl-C ends it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startJaeger } from "./start-jaeger.js";

await using jaeger = await startJaeger();
const interrupted = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
const say = (text: string) => process.stderr.write(`${text}\n`);

say(`Jaeger listens: traces go to OTEL_EXPORTER_OTLP_ENDPOINT=${jaeger.otlpUrl}`);
const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl };
const example = spawn(process.execPath, ["examples/quakes/dist/main.js", ...process.argv.slice(2)], { stdio: "inherit", env });
await once(example, "close");
say(`\nThe traces are at ${jaeger.url} (service quakes), as JSON at ${jaeger.url}/api/traces?service=quakes`);
say("A Jaeger that was built here answers the API alone; a released one, first on the PATH, has pages as well.");
say("Ctrl-C ends it.");
await interrupted;
