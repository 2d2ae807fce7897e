import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { tellMissing } from "./find-program.js";
import { type RabbitmqServer, startRabbitmq, whyRabbitmqCannotStart } from "./rabbitmq-server.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a test file asks for a virtual host of the RabbitMQ of the run, which is started for the first that asks. undefined: there is none. */
    rabbitmqUrl: string | undefined;
    noRabbitmq: string | undefined;
  }
}

/** One RabbitMQ for all test files of a run, started when the first of them asks, and ended with the run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env.RABBITMQ_URL;
  const noRabbitmq = external ? undefined : whyRabbitmqCannotStart();
  project.provide("noRabbitmq", noRabbitmq);
  if (noRabbitmq !== undefined) {
    tellMissing("RabbitMQ", noRabbitmq, "RABBITMQ_URL");
    project.provide("rabbitmqUrl", undefined);
    return async () => {};
  }

  let running: Promise<RabbitmqServer> | undefined;
  let taken = 0;
  const virtualHost = async (): Promise<string> => {
    if (external) return external;
    running ??= startRabbitmq();
    const { url, virtualHosts } = await running;
    const name = virtualHosts[taken++];
    if (name === undefined) throw new Error(`more test files ask for RabbitMQ than there are virtual hosts (${virtualHosts.length})`);
    return `${url}/${name}`;
  };
  const server = createServer((_request, response) => {
    virtualHost().then(
      (text) => response.end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  // a server on a TCP port has an AddressInfo
  project.provide("rabbitmqUrl", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  return async () => {
    server.close();
    server.closeAllConnections();
    // one that could not start has already failed the tests that asked for it
    await running?.then(
      (node) => node.stop(),
      () => {},
    );
  };
}
