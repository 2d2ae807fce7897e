import { BusError, memory, type OutgoingRecord } from "@org/bus-core";
import { describe, expect, test } from "vitest";
import { Invoice, jsonContract, Order } from "../../../../test/support/json-contract.js";
import { collector } from "../../test/collector.js";
import { fixture, orders } from "../../test/fixture.js";
import { watchedTransport } from "../../test/watched-transport.js";
import { mapMessages, publishTo, stream, tapMessages } from "../index.js";

const invoice = (order: Order): Invoice => ({ ...order, due: "tomorrow" });
const decoded = (record: { readonly value: Uint8Array | null } | undefined) => JSON.parse(new TextDecoder().decode(record?.value ?? undefined));

describe("publishTo", () => {
  test("publishes the value with its key and headers, then passes the message on", async () => {
    const { bus, records, uncommitted } = await fixture();
    await bus.publishAll(Order, orders(10));
    const seen = collector<Invoice>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(mapMessages(invoice), publishTo(Invoice, { headers: { origin: "test" } }), tapMessages(seen.add))
      .run();
    await seen.reached(10);
    await consumption.close();
    const published = await records("invoices", 10);
    expect(published.map(decoded).sort((a, b) => a.amount - b.amount)).toEqual(orders(10).map(invoice));
    for (const record of published) {
      expect(new TextDecoder().decode(record.key ?? undefined)).toBe(decoded(record).id);
      expect(new TextDecoder().decode(record.headers.origin as Uint8Array)).toBe("test");
    }
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("a value that breaks the contract goes to the dead letter without another try; the others go on", async () => {
    const { bus, records, uncommitted } = await fixture();
    await bus.publishAll(
      Order,
      orders(5, () => "hot"),
    );
    const seen = collector<number>();
    const values: number[] = [];
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 5, initialBackoffMs: 60_000 } })
      .pipe(
        mapMessages((order) => {
          values.push(order.amount);
          return { ...invoice(order), amount: order.amount === 2 ? -1 : order.amount };
        }),
        publishTo(Invoice),
        tapMessages((published) => seen.add(published.amount)),
      )
      .run();
    await seen.reached(4);
    const [dead] = await records("orders.g.dlq", 1);
    await consumption.close();
    expect(decoded(dead)).toEqual({ id: "hot", amount: 2 });
    expect(seen.items).toEqual([0, 1, 3, 4]);
    expect(values).toEqual([0, 1, 2, 3, 4]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("a topic that does not exist ends the stream instead of sending every message to the dead letter", async () => {
    const { bus, uncommitted } = await fixture();
    const Missing = jsonContract<Order>("missing");
    await bus.publishAll(Order, orders(5));
    const consumption = stream(bus, Order, { group: "g" }).pipe(publishTo(Missing)).run();
    const error = await consumption.closed.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "handler_failed", cause: { code: "unknown_topic" } });
    expect((error as BusError).message).toMatch(
      /^publishTo failed on orders\[\d\] offset 0 after 1 attempt: topic missing does not exist; create it with bus\.topics\.ensure\(\[missing\]\)$/,
    );
    expect(await uncommitted("g", Order)).toBe(5);
  });

  test("a hot key costs calls, not records, and keeps its order", async () => {
    const sent: number[] = [];
    const held = Promise.withResolvers<void>();
    const first = Promise.withResolvers<void>();
    const transport = watchedTransport(memory(), async (records, send) => {
      if (records[0]?.topic === "invoices") {
        sent.push(records.length);
        first.resolve();
        await held.promise;
      }
      return send(records);
    });
    const { bus, records } = await fixture({ transport });
    await bus.publishAll(
      Order,
      orders(200, () => "hot"),
    );
    const seen = collector<Invoice>();
    const consumption = stream(bus, Order, { group: "g" }).pipe(mapMessages(invoice), publishTo(Invoice), tapMessages(seen.add)).run();
    await first.promise;
    while (consumption.explain().waiting + (sent[0] ?? 0) < 200) await new Promise(setImmediate);
    held.resolve();
    await seen.reached(200);
    await consumption.close();
    expect(sent.length).toBeLessThanOrEqual(3);
    expect((await records("invoices", 200)).map((record) => decoded(record).amount)).toEqual(orders(200).map((order) => order.amount));
  });

  test("when one of a key is not written, those after it are written after it", async () => {
    let failing = true;
    const refuse = (record: OutgoingRecord) => record.topic === "invoices" && decoded(record).amount === 1 && failing;
    const transport = watchedTransport(memory(), async (records, send) => {
      const refused = records.findIndex(refuse);
      if (refused === -1) return send(records);
      failing = false;
      const error = new BusError("publish_failed", "no answer came", { retryable: true, mayHaveBeenWritten: true });
      const outcomes = await send(records.filter((_, index) => index !== refused));
      return outcomes.toSpliced(refused, 0, { ok: false, error });
    });
    const { bus, records } = await fixture({ transport });
    await bus.publishAll(
      Order,
      orders(6, () => "hot"),
    );
    const seen = collector<Invoice>();
    const consumption = stream(bus, Order, { group: "g", failure: { initialBackoffMs: 1 } })
      .pipe(mapMessages(invoice), publishTo(Invoice), tapMessages(seen.add))
      .run();
    await seen.reached(6);
    await consumption.close();
    expect(seen.items.map(({ amount }) => amount)).toEqual([0, 1, 2, 3, 4, 5]);
    const amounts = (await records("invoices", 6)).map((record) => decoded(record).amount);
    expect(amounts).toEqual([0, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
  });

  test("when one of a key fails for good, those after it stay as they were written", async () => {
    const refuse = (record: OutgoingRecord) => record.topic === "invoices" && decoded(record).amount === 1;
    const transport = watchedTransport(memory(), async (records, send) => {
      const refused = records.findIndex(refuse);
      if (refused === -1) return send(records);
      const error = new BusError("publish_failed", "no answer came", { retryable: true, mayHaveBeenWritten: true });
      const outcomes = await send(records.filter((_, index) => index !== refused));
      return outcomes.toSpliced(refused, 0, { ok: false, error });
    });
    const { bus, records } = await fixture({ transport });
    await bus.publishAll(
      Order,
      orders(6, () => "hot"),
    );
    const seen = collector<Invoice>();
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 1 } })
      .pipe(mapMessages(invoice), publishTo(Invoice), tapMessages(seen.add))
      .run();
    await seen.reached(5);
    await consumption.close();
    expect((await records("invoices", 5)).map((record) => decoded(record).amount)).toEqual([0, 2, 3, 4, 5]);
  });
});
