import { createMemoryBroker, memory } from "@org/bus-core";
import { describe } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { transports } from "../verifiable/transports.js";
import { restartingInstances } from "./restarting-instances.js";

describe("in memory", () => {
  const broker = createMemoryBroker();
  restartingInstances(() => memory({ broker }));
});

const { available, brokers } = await kafkaForTests();
const clients = Object.entries(transports).map(([client, open]) => ({ client, open }));

describe.skipIf(!available).each(clients)("on $client", ({ open }) => {
  restartingInstances(() => open({ brokers }));
});
