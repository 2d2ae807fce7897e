import type { Bus, Contract, Delivery } from "@org/bus-core";
import { delay, filter, map, tap } from "rxjs";
import { describe, expectTypeOf, test } from "vitest";
import type { Invoice, Order } from "../../../test/support/json-contract.js";
import {
  type BatchOutcome,
  batchMessages,
  filterMessages,
  flatMapMessages,
  type MessageStream,
  mapKeyed,
  mapKeyedBatches,
  mapMessages,
  publishTo,
  stream,
  tapMessages,
} from "./index.js";

interface Reading {
  readonly kind: "reading";
  readonly celsius: number;
}
interface Alarm {
  readonly kind: "alarm";
  readonly text: string;
  readonly urgent: boolean;
}
interface AlarmInit {
  readonly kind: "alarm";
  readonly text: string;
  readonly urgent?: boolean;
}

/** Only checked by the compiler: nothing here runs. */
function _types(bus: Bus, Reading: Contract<Reading>, Alarm: Contract<Alarm, AlarmInit>) {
  const options = { group: "types" };
  const readings = stream(bus, Reading, options);

  expectTypeOf(readings).toEqualTypeOf<MessageStream<Reading>>();
  expectTypeOf(readings.pipe()).toEqualTypeOf<MessageStream<Reading>>();
  expectTypeOf(stream(bus, [Reading, Alarm], options)).toEqualTypeOf<MessageStream<Reading | Alarm>>();

  // the element type flows from operator to operator, into the callbacks too
  const piped = readings.pipe(
    filterMessages((reading, delivery) => reading.celsius > 40 && delivery.partition === 0),
    tapMessages((reading) => expectTypeOf(reading).toEqualTypeOf<Reading>()),
    mapKeyed(async (reading, delivery) => ({ kind: "alarm" as const, text: `${reading.celsius} at ${delivery.offset}` }), {
      concurrency: 8,
      key: (reading) => reading.celsius,
    }),
    publishTo(Alarm),
    mapMessages((alarm) => alarm.text.length),
    flatMapMessages((length) => (length > 3 ? [length, "long"] : [])),
    mapKeyedBatches((values) => values.map((value): BatchOutcome<boolean> => ({ ok: true, value: value === "long" }))),
    batchMessages({ maxSize: 10, maxWaitMs: 100 }),
  );
  expectTypeOf(piped).toEqualTypeOf<MessageStream<readonly boolean[]>>();

  // type guards narrow
  expectTypeOf(stream(bus, [Reading, Alarm], options).pipe(filterMessages((message): message is Alarm => message.kind === "alarm"))).toEqualTypeOf<
    MessageStream<Alarm>
  >();

  // `is` tells the contracts of a stream apart
  stream(bus, [Reading, Alarm], options).pipe(
    tapMessages((_, delivery) => {
      if (delivery.is(Reading)) expectTypeOf(delivery.value.celsius).toEqualTypeOf<number>();
    }),
  );

  // other RxJS operators from delivery to delivery fit between
  expectTypeOf(
    readings.pipe(
      delay(5),
      tap((delivery) => expectTypeOf(delivery).toEqualTypeOf<Delivery<Reading>>()),
      filter((delivery) => delivery.value.celsius > 3),
      mapMessages((reading) => reading.celsius),
    ),
  ).toEqualTypeOf<MessageStream<number>>();

  // @ts-expect-error an operator must yield deliveries
  readings.pipe(map((delivery) => delivery.value));
  // @ts-expect-error a message that does not fit the contract
  readings.pipe(publishTo(Alarm));
  // @ts-expect-error an operator for other messages
  readings.pipe(mapMessages((alarm: Alarm) => alarm.text));
  // @ts-expect-error batches are limited in size and time
  readings.pipe(batchMessages({ maxSize: 10 }));
  // @ts-expect-error an outcome is asked for each message
  readings.pipe(mapKeyedBatches((values) => values));
  // @ts-expect-error no such order
  readings.pipe(mapKeyed((reading) => reading, { order: "topic" }));
  // @ts-expect-error a group is needed
  stream(bus, Reading, {});
}

describe("MessageStream", () => {
  test("its element type flows through the pipe", () => {
    expectTypeOf(_types).toBeFunction();
    expectTypeOf(stream<typeof Order | typeof Invoice>).returns.toEqualTypeOf<MessageStream<Order | Invoice>>();
  });
});
