import { memory } from "@org/bus-core";
import { describe } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { transports } from "../verifiable/transports.js";
import { badRecordTests } from "./records-suite.js";

describe("bad records in memory", () => {
  badRecordTests(() => memory());
});

const { available, brokers } = await kafkaForTests();
const clients = Object.entries(transports).map(([client, open]) => ({ client, open }));

describe.skipIf(!available).each(clients)("bad records on $client", ({ open }) => {
  badRecordTests(() => open({ brokers }));
});
