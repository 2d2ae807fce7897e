import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type KafkaCluster, startKafka, whyKafkaCannotStart } from "@org/bus-testkit/kafka";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a test file asks for the Kafka of the run; it is started for the first that asks. undefined: there is none, and why is in `noKafka`. */
    kafkaUrl: string | undefined;
    noKafka: string | undefined;
  }
}

/** One Kafka for all test files of a run, started when the first of them asks, and ended with the run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env.KAFKA_BROKERS;
  const noKafka = external ? undefined : whyKafkaCannotStart();
  project.provide("noKafka", noKafka);
  if (noKafka !== undefined) {
    const consequence = process.env.CI === "true" ? "FAIL, because CI=true" : "are SKIPPED";
    process.stderr.write(`\n*** no Kafka: ${noKafka}. The tests that need it ${consequence}. KAFKA_BROKERS=host:port uses one that runs. ***\n\n`);
    project.provide("kafkaUrl", undefined);
    return async () => {};
  }

  let cluster: Promise<KafkaCluster> | undefined;
  const brokers = async (): Promise<readonly string[]> => {
    if (external) return external.split(",");
    cluster ??= startKafka();
    return (await cluster).brokers;
  };
  const server = createServer((_request, response) => {
    brokers().then(
      (addresses) => response.end(JSON.stringify({ brokers: addresses })),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  // a server on a TCP port has an AddressInfo
  project.provide("kafkaUrl", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  return async () => {
    server.close();
    server.closeAllConnections();
    // one that could not start has already failed the tests that asked for it
    await cluster?.then(
      (running) => running.stop(),
      () => {},
    );
  };
}
