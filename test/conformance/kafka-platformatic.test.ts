import { describe } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { platformaticHarness } from "./kafka-platformatic-harness.js";
import { transportConformance } from "./transport-conformance.js";

const { available, brokers } = await kafkaForTests();

describe.skipIf(!available)("on a real Kafka", () => {
  transportConformance("kafka-platformatic", platformaticHarness(brokers, "classic"));
});
