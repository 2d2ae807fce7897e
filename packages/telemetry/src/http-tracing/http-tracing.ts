import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Instrumentation } from "@opentelemetry/instrumentation";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";

const require = createRequire(import.meta.url);

/** Who asks for these every few seconds wants no traces of it. */
const probes = /^\/(livez|readyz|healthz|metrics|debug)(\/|\?|$)/;

// a module is given to be patched only once in the life of a process, so there is one of each
let known: readonly Instrumentation[] | undefined;

/** OpenTelemetry's own instrumentations of `node:http`, `node:https`, and of `fetch` and undici. */
export function httpInstrumentations(): Instrumentation[] {
  known ??= [
    new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => probes.test(url ?? "") }),
    // that of HTTP knows which parameters to redact; this one would tell all
    new UndiciInstrumentation({ startSpanHook: ({ origin, path }) => ({ "url.full": `${origin}${path.replace(/\?.*/, "")}`, "url.query": "" }) }),
  ];
  return [...known];
}

/** Patches the modules now: they are noticed when they are required, which modules of ECMAScript never do. To be called after the SDK has started. */
export function patchHttp(): void {
  for (const instrumentation of known ?? []) instrumentation.enable();
  for (const name of ["node:http", "node:https"]) require(name);
  // for `import { request } from "node:http"`
  syncBuiltinESMExports();
}

export function unpatchHttp(): void {
  for (const instrumentation of known ?? []) instrumentation.disable();
  syncBuiltinESMExports();
}
