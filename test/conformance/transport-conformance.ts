import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { adminConformance } from "./admin.js";
import { commitConformance } from "./commit.js";
import { consumerConformance } from "./consumer.js";
import { Fixture } from "./fixture.js";
import { groupConformance } from "./group.js";
import type { ConformanceHarness } from "./harness.js";
import { producerConformance } from "./producer.js";
import { transactionConformance } from "./transactions.js";

const parts = {
  producer: producerConformance,
  consumer: consumerConformance,
  commit: commitConformance,
  group: groupConformance,
  admin: adminConformance,
  transactions: transactionConformance,
} as const;

export type ConformancePart = keyof typeof parts;

/**
 * Holds a transport to every sentence of the contract of `Transport`. It sees nothing but that interface, and reads what `features` promise.
 *
 * @param only the parts in which the transport differs from one that has been held to all of them
 */
export function transportConformance(name: string, createHarness: () => Promise<ConformanceHarness>, only?: readonly ConformancePart[]): void {
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

    for (const [part, tests] of Object.entries(parts)) {
      if (only === undefined || only.some((each) => each === part)) describe(part, () => tests(current));
    }
  });
}
