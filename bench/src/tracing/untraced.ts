import { registerHooks } from "node:module";

const mark = "?untraced";

/** What calls into OpenTelemetry, by the end of its address, and what is in its place. Types are those of the originals: nothing else would run. */
const stubs: Readonly<Record<string, string>> = {
  "/core/dist/context/tracer.js": "export const activeTracer = () => undefined;",
  "/core/dist/context/propagation.js": `
    import { ROOT_CONTEXT } from "@opentelemetry/api";
    export const injectContext = () => {};
    export const extractContext = () => ROOT_CONTEXT;`,
  "/core/dist/context/limited-context.js": "export class LimitedContext { inject() {} }",
  "/core/dist/context/process-spans.js": `
    import { ROOT_CONTEXT } from "@opentelemetry/api";
    const none = { context: ROOT_CONTEXT, isRecording: false, retried() {}, passed() {}, settled() {}, end() {} };
    export class ProcessSpans { start() { return none; } }`,
  "untraced:api": `
    import { ROOT_CONTEXT } from "@opentelemetry/api";
    export * from "@opentelemetry/api";
    export const context = { active: () => ROOT_CONTEXT, with: (_context, fn, self, ...args) => fn.apply(self, args) };`,
};

const stubOf = (url: string): string | undefined => stubs[Object.keys(stubs).find((end) => url.endsWith(`${end}${mark}`)) ?? ""];
const isOurs = (url: string): boolean => /\/packages\/(core|kafka)\/dist\//.test(url);

/** A second copy of a package of ours, and of all that it imports of ours, as if it had been built without tracing. */
export function importUntraced<T>(specifier: string): Promise<T> {
  registerHooks({
    resolve(asked, context, nextResolve) {
      if (asked.startsWith("untraced:@org/")) return marked(nextResolve(asked.slice("untraced:".length), context));
      const importer = context.parentURL ?? "";
      if (!importer.endsWith(mark)) return nextResolve(asked, context);
      // a stub gets the original
      if (asked === "@opentelemetry/api" && stubOf(importer) === undefined) return { url: `untraced:api${mark}`, shortCircuit: true };
      if (importer.startsWith("untraced:api")) return nextResolve(asked, { ...context, parentURL: import.meta.url });
      const resolved = nextResolve(asked, context);
      return isOurs(resolved.url) ? marked(resolved) : resolved;
    },
    load(url, context, nextLoad) {
      const source = stubOf(url);
      return source === undefined ? nextLoad(url, context) : { format: "module", source, shortCircuit: true };
    },
  });
  return import(`untraced:${specifier}`) as Promise<T>;
}

function marked<T extends { readonly url: string }>(resolved: T): T {
  return { ...resolved, url: `${resolved.url}${mark}` };
}
