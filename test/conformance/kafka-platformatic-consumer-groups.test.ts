import { describe } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { platformaticHarness } from "./kafka-platformatic-harness.js";
import { transportConformance } from "./transport-conformance.js";

const { available, brokers } = await kafkaForTests();

describe.skipIf(!available)("on a real Kafka, in groups that the broker assigns", () => {
  transportConformance("kafka-platformatic", platformaticHarness(brokers, "consumer"), ["consumer", "commit", "group"]);
});
