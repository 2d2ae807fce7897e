import { type AnyContract, BusError } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { listSink } from "../../test/list-sink.js";
import { listSource } from "../../test/list-source.js";
import { testBus } from "../../test/test-bus.js";
import { defineConnector } from "../define/define-connector.js";
import { runConnector } from "../run/run-connector.js";
import { applyTransform } from "./apply-transform.js";
import { batch } from "./batch.js";
import { enrich } from "./enrich/enrich.js";
import { filter } from "./filter.js";
import { flatten } from "./flatten.js";
import { map } from "./map.js";
import { mask } from "./mask.js";
import { rename } from "./rename.js";
import { route } from "./route.js";
import type { Transform } from "./transform.js";

const values = (records: readonly { readonly value: unknown }[]) => records.map(({ value }) => value);

describe("rename", () => {
  it("gives properties other names", async () => {
    const made = await applyTransform(rename<{ customer_id: string; total: number }, { customer_id: "customerId" }>({ customer_id: "customerId" }), [
      { customer_id: "c", total: 3 },
    ]);
    const [first] = made;
    expect(first?.value.customerId satisfies string | undefined).toBe("c");
    expect(values(made)).toEqual([{ customerId: "c", total: 3 }]);
  });
});

describe("route", () => {
  const toOrder = route((amount: number) => (amount === 0 ? undefined : { contract: Order, message: { id: `o${amount}`, amount } }));

  it("chooses the contract, and drops what has none", async () => {
    const made = await applyTransform(toOrder, [1, 0, 2]);
    expect(values(made)).toEqual([
      { id: "o1", amount: 1 },
      { id: "o2", amount: 2 },
    ]);
    expect(made.every(({ contract }) => contract === Order)).toBe(true);
  });

  it("refuses what breaks the contract", async () => {
    const error = await applyTransform(toOrder, [-1]).catch((thrown: BusError) => thrown);
    expect(error).toMatchObject({ code: "contract_violation", violations: [{ path: "amount", rule: "double.gte" }] });
  });
});

describe("enrich", () => {
  it("asks once for each text at a time, keeps the answer, and forgets failures", async () => {
    const asked: string[] = [];
    let fails = true;
    const named = enrich({
      by: (value: number) => String(value % 2),
      lookup: async (text) => {
        asked.push(text);
        if (text === "1" && fails) throw new Error("away");
        return text === "0" ? "even" : "odd";
      },
      into: (value, name: string) => `${value} is ${name}`,
    });
    expect(values(await applyTransform(named, [2, 4]))).toEqual(["2 is even", "4 is even"]);
    expect(asked).toEqual(["0"]);
    await expect(applyTransform(named, [1])).rejects.toMatchObject({ retryable: true, message: "the lookup failed: away" });
    fails = false;
    expect(values(await applyTransform(named, [1]))).toEqual(["1 is odd"]);
    expect(asked).toEqual(["0", "1", "1"]);
  });

  it("asks again when the answer is old, and no more than so many at once in a connector, in the order of keys", async () => {
    await using bus = testBus();
    let atOnce = 0;
    let most = 0;
    const slow = enrich({
      concurrency: 3,
      cache: { ttlMs: 0 },
      by: (value: string) => value,
      lookup: async (text) => {
        most = Math.max(most, ++atOnce);
        await new Promise((resolve) => setTimeout(resolve, text.length));
        atOnce--;
        return text;
      },
      into: (value) => value,
    });
    const list = Array.from({ length: 30 }, (_, index) => `${index % 5}${"x".repeat((index * 7) % 9)}${index}`);
    const source = listSource({ lists: { a: list }, batch: 30, keyOf: (value) => value.slice(0, 1) });
    const sink = listSink<string>();
    await runConnector(bus, defineConnector({ name: "c", source, transforms: [slow], sink })).finished;
    expect(most).toBe(3);
    for (const key of ["0", "1", "4"])
      expect(sink.values.filter((value) => value.startsWith(key))).toEqual(list.filter((value) => value.startsWith(key)));
  });
});

describe("a function that answers a promise", () => {
  const user = { id: "1" };
  const lookup = async (text: string) => text;
  const masked = {
    ...Order,
    sensitiveFields: ["id"],
    describe: () => ({ members: [{ kind: "field", property: "id", shape: {} }] }),
  } as unknown as AnyContract; // a description as far as mask reads it
  const boom = (): never => Promise.reject(new Error("boom")) as never;
  it.each<readonly [string, Transform<typeof user, unknown>]>([
    ["map", map(boom)],
    ["filter", filter(boom)],
    ["flatten", flatten(boom)],
    ["flatten", flatten(() => [boom()])],
    ["route", route(boom)],
    ["mask", mask(masked, { replace: boom })],
    ["by of enrich", enrich({ by: boom, lookup, into: (value) => value })],
    ["into of enrich", enrich({ by: ({ id }: typeof user) => id, lookup, into: boom })],
  ])("is refused: %s", async (who, transform) => {
    await using bus = testBus();
    const sink = listSink<unknown>();
    const source = listSource({ lists: { a: [user] } });
    const { finished } = runConnector(bus, defineConnector({ name: "c", source, transforms: [transform as Transform<unknown, unknown>], sink }));
    await expect(finished).rejects.toThrow(`after 1 attempt: transform ${transform.name} failed on a:0: ${who} must answer at once`);
  });

  it("is refused by a transform of one's own that answers no list", async () => {
    await using bus = testBus();
    const wrong = [undefined, Promise.resolve(undefined)].map((made) => ({ name: "own", apply: () => made as never }));
    for (const own of wrong) {
      const { finished } = runConnector(
        bus,
        defineConnector({ name: "c", source: listSource({ lists: { a: [1] } }), transforms: [own], sink: listSink<unknown>() }),
      );
      await expect(finished).rejects.toThrow("transform own failed on a:0: it answered undefined; it must answer a list of records");
    }
  });
});

describe("a function that throws", () => {
  it("fails the record at once, also in enrich, where only the lookup is tried again", async () => {
    await using bus = testBus();
    const lookup = async (text: string) => text;
    const thrower = (): never => {
      throw new TypeError("no id");
    };
    for (const transform of [enrich({ by: thrower, lookup, into: (value) => value }), enrich({ by: String, lookup, into: thrower }), map(thrower)]) {
      const source = listSource({ lists: { a: [1] } });
      const { finished } = runConnector(bus, defineConnector({ name: "c", source, transforms: [transform], sink: listSink<unknown>() }));
      await expect(finished).rejects.toThrow(`after 1 attempt: transform ${transform.name} failed on a:0: no id`);
    }
  });
});

describe("batch", () => {
  it("makes one of several", async () => {
    expect(values(await applyTransform(batch<number>({ maxRecords: 2 }), [1, 2, 3]))).toEqual([[1, 2], [3]]);
  });

  it("acknowledges them together", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: [1, 2, 3, 4, 5] } });
    const sink = listSink<readonly number[]>();
    await runConnector(bus, defineConnector({ name: "c", source, transforms: [batch<number>({ maxRecords: 3, maxWaitMs: 5 })], sink })).finished;
    expect(sink.values).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(source.acknowledged.at(-1)).toBe("a:5");
  });
});

describe("defineConnector", () => {
  it("reports all faults at once", () => {
    const wrong = { name: "a b", source: {}, sink: listSink(), failure: { attempts: 0 }, batchs: {} };
    const error = (() => {
      try {
        defineConnector(wrong as never);
      } catch (thrown) {
        return thrown as BusError;
      }
      return new BusError("closed", "");
    })();
    expect(error.message).toBe(
      'defineConnector: name "a b" must be 1 to 100 of the characters a-z A-Z 0-9 . _ -; failure.attempts 0 must be >= 1; source must be a Source, such as fromTopic(Contract); ' +
        "batchs is not an option of defineConnector (is batch meant?)",
    );
  });
});
