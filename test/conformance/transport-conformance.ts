import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { adminConformance } from "./admin.js";
import { commitConformance } from "./commit.js";
import { consumerConformance } from "./consumer.js";
import { Fixture } from "./fixture.js";
import { groupConformance } from "./group.js";
import type { ConformanceHarness } from "./harness.js";
import { producerConformance } from "./producer.js";
import { transactionConformance } from "./transactions.js";

/** Holds a transport to every sentence of the contract of `Transport`. It sees nothing but that interface, and reads what `features` promise. */
export function transportConformance(name: string, createHarness: () => Promise<ConformanceHarness>): void {
  describe(`transport ${name}`, () => {
    let fixture: Fixture | undefined;
    const current = (): Fixture => {
      if (fixture === undefined) throw new Error("the fixture is open only while tests run");
      return fixture;
    };
    beforeAll(async () => {
      fixture = await Fixture.open(createHarness);
    });
    afterEach(() => current().endTest());
    afterAll(() => fixture?.close());

    describe("producer", () => producerConformance(current));
    describe("consumer", () => consumerConformance(current));
    describe("commit", () => commitConformance(current));
    describe("group", () => groupConformance(current));
    describe("admin", () => adminConformance(current));
    describe("transactions", () => transactionConformance(current));
  });
}
