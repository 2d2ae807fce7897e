import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { connectRecord, defineConnector, fromTopic, runConnector, type Sink, type Source, toTopic, written } from "@org/bus-connect";
import { type Bus, type BusError, type Contract, createBus } from "@org/bus-core";
import { mapKeyed, publishTo, stream } from "@org/bus-streams";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Copied, copiedContract } from "../programs/copied.js";
import { kafkaForTests } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";

const { available, brokers } = await kafkaForTests();

/** The sockets that this process has opened. */
class Sockets {
  private readonly open = new Set<Socket>();
  private onEvent = () => {};

  private readonly opened = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    const noted = () => this.onEvent();
    this.open.add(socket);
    socket.once("connect", () => {
      noted();
      socket.on("data", noted);
    });
    socket.once("close", () => this.open.delete(socket));
  };

  get count(): number {
    return this.open.size;
  }

  watch(): void {
    subscribe("net.client.socket", this.opened);
  }

  unwatch(): void {
    unsubscribe("net.client.socket", this.opened);
  }

  /** Resolves when connections were made, or something has come on one, so many times from now on. */
  afterEvents(count: number): Promise<void> {
    return new Promise((resolve) => {
      let left = count;
      this.onEvent = () => {
        if (--left < 0) resolve();
      };
      this.onEvent();
    });
  }
}

const logger = { debug() {}, info() {}, warn() {}, error() {} };

const numbers: Source<Copied> = {
  name: "numbers",
  replayable: true,
  splits: async () => Array.from({ length: 4 }, (_, index) => ({ id: `split-${index}` })),
  async *read({ split, position, signal }) {
    for (let at = Number(position ?? 0); !signal.aborted; at++) {
      yield { records: [connectRecord({ value: { key: split.id, position: at }, id: `${split.id}:${at}`, key: split.id })], position: at + 1 };
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  },
};

const nowhere: Sink<Copied> = {
  name: "nowhere",
  open: async () => ({ write: async (records) => records.map(() => written), close: async () => {} }),
};

interface Topics {
  readonly from: Contract<Copied>;
  readonly to: Contract<Copied>;
}

/** What opens connections, and can be closed at any time. */
const users: Record<string, (bus: Bus, topics: Topics, group: string) => unknown> = {
  "a publisher": (bus, { to }) => bus.publish(to, { key: "a", position: 0 }),
  "topics that are looked for": (bus, { to }) => bus.topics.ensure([to]),
  "a stream": (bus, { from, to }, group) =>
    stream(bus, from, { group, from: "earliest" })
      .pipe(
        mapKeyed(async (message) => message),
        publishTo(to),
      )
      .run().closed,
  "a stream, exactly once": (bus, { from, to }, group) =>
    stream(bus, from, { group, from: "earliest" })
      .exactlyOnce()
      .pipe(
        mapKeyed(async (message) => message),
        publishTo(to),
      )
      .run().closed,
  "a connector of a source": (bus, { to }, group) =>
    runConnector(bus, defineConnector({ name: group, source: numbers, sink: toTopic(to), maxInFlight: { records: 20 } })).finished,
  "a connector of a topic": (bus, { from }, group) =>
    runConnector(bus, defineConnector({ name: group, source: fromTopic(from), sink: nowhere })).finished,
};

/** How much has come before it is closed: each step while it opens, some beyond. */
const moments = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32];

describe.skipIf(!available).each(kafkaClients)("on $client", ({ client, open }) => {
  const sockets = new Sockets();
  const run = `connections-${client}-${process.pid}-${Date.now().toString(36)}`;
  const topics = { from: copiedContract(`${run}-from`, 4), to: copiedContract(`${run}-to`, 4) };

  beforeAll(async () => {
    await using bus = createBus({ service: "connections-test", transport: open({ brokers, logger }), logger });
    await bus.topics.ensure([topics.from, topics.to]);
    await bus.publishAll(
      topics.from,
      Array.from({ length: 20 }, (_, position) => ({ key: `key-${position}`, position })),
    );
    sockets.watch();
  });
  afterAll(() => sockets.unwatch());

  test.each(Object.entries(users))("%s leaves no connection behind, whenever it is closed", { timeout: 120_000 }, async (name, use) => {
    for (const moment of moments) {
      const bus = createBus({ service: "connections-test", transport: open({ brokers, logger }), logger });
      const reached = sockets.afterEvents(moment);
      const used = Promise.resolve(use(bus, topics, `${run}-${name.replaceAll(/\W+/g, "-")}-${moment}`)).catch((error: BusError) => error);
      // what is done before so much has come is closed then
      await Promise.race([reached, used]);
      await bus.close();
      await used;
      await expect.poll(() => sockets.count, { message: `open after a close at ${moment}` }).toBe(0);
    }
  });
});
