import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { type Jaeger, startJaeger } from "./start-jaeger.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a test file asks for the Jaeger of the run; it is started, and first built, for the first that asks. undefined: there is none, and why is in `noJaeger`. */
    jaegerUrl: string | undefined;
    noJaeger: string | undefined;
  }
}

/** One Jaeger for all test files of a run, started when the first of them asks, and ended with the run. `JAEGER_URL` uses one that runs. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env.JAEGER_URL;
  const noJaeger = external ? undefined : whyNoJaeger();
  project.provide("noJaeger", noJaeger);
  if (noJaeger !== undefined) {
    const consequence = process.env.CI === "true" ? "FAIL, because CI=true" : "are SKIPPED";
    process.stderr.write(
      `\n*** no Jaeger: ${noJaeger}. The tests that need it ${consequence}. JAEGER_URL=http://host:16686 uses one that runs. ***\n\n`,
    );
    project.provide("jaegerUrl", undefined);
    return async () => {};
  }

  let started: Promise<Jaeger & AsyncDisposable> | undefined;
  const jaeger = async (): Promise<Jaeger> => {
    if (external) return { url: external, otlpUrl: otlpOf(external) };
    started ??= startJaeger();
    return started;
  };
  const server = createServer((_request, response) => {
    jaeger().then(
      ({ url, otlpUrl }) => response.end(JSON.stringify({ url, otlpUrl })),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  // a server on a TCP port has an AddressInfo
  project.provide("jaegerUrl", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  return async () => {
    server.close();
    server.closeAllConnections();
    // one that could not start has already failed the tests that asked for it
    await started?.then(
      (running) => running[Symbol.asyncDispose](),
      () => {},
    );
  };
}

function whyNoJaeger(): string | undefined {
  const finds = (command: string): boolean => spawnSync(command, ["version"], { stdio: "ignore" }).error === undefined;
  return finds("jaeger") || finds("go") ? undefined : "neither a jaeger nor Go (1.26 or newer, which builds one) is on the PATH";
}

/** The usual port beside that of the query API, unless the environment says where traces go. */
function otlpOf(url: string): string {
  const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint ? endpoint : `http://${new URL(url).hostname}:4318`;
}
