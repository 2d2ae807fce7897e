import type { OutgoingRecord, SendOutcome, Transport, TransportConsumerOptions, TransportProducer } from "@org/bus-core";
import { expect } from "vitest";
import type { ConformanceHarness } from "./harness.js";
import { faultsOf, type HistoryOptions } from "./history.js";
import { Member, type MemberHooks } from "./member.js";

const waitLimitMs = 20_000;

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (value: Uint8Array | null): string | null => (value === null ? null : new TextDecoder().decode(value));

export function record(topic: string, partition: number, value: string, more: Partial<OutgoingRecord> = {}): OutgoingRecord {
  return { topic, partition, key: null, value: bytes(value), headers: {}, timestamp: Date.now(), ...more };
}

export interface JoinOptions extends Partial<TransportConsumerOptions> {
  readonly group: string;
  readonly topics: readonly string[];
  /** @default the first transport */
  readonly transport?: Transport;
}

/** The cluster of a suite, and what one test opened on it. */
export class Fixture {
  /** Two transports on one cluster, as two processes have them. */
  readonly transport: Transport;
  readonly otherTransport: Transport;
  readonly #harness: ConformanceHarness;
  #producer: TransportProducer | undefined;
  #members: Member[] = [];
  #history: HistoryOptions = {};
  #waiting = new Set<() => void>();

  private constructor(harness: ConformanceHarness, transport: Transport, otherTransport: Transport) {
    this.#harness = harness;
    this.transport = transport;
    this.otherTransport = otherTransport;
  }

  static async open(createHarness: () => Promise<ConformanceHarness>): Promise<Fixture> {
    const harness = await createHarness();
    return new Fixture(harness, await harness.transport(), await harness.transport());
  }

  uniqueName(): string {
    return this.#harness.uniqueTopic();
  }

  async topic(partitions = 1): Promise<string> {
    const name = this.uniqueName();
    await this.transport.admin.createTopics([{ name, partitions, cleanup: "delete" }]);
    return name;
  }

  async send(records: readonly OutgoingRecord[]): Promise<readonly SendOutcome[]> {
    this.#producer ??= await this.transport.createProducer();
    return this.#producer.send(records, { timeoutMs: 15_000 });
  }

  /** Writes values to a partition; fails when one is not acknowledged. */
  async write(topic: string, partition: number, ...values: string[]): Promise<void> {
    const outcomes = await this.send(values.map((value) => record(topic, partition, value)));
    for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
  }

  /** The topics of the test have gaps in their offsets. */
  expectGaps(): void {
    this.#history = { gaps: true };
  }

  /** A member that has not started. */
  member(options: JoinOptions, hooks: MemberHooks = {}): Member {
    const { transport = this.transport, ...rest } = options;
    const consumer = transport.createConsumer({ from: "earliest", outOfRange: "stop", ...rest });
    const member = new Member(consumer, hooks, () => this.#recheck());
    this.#members.push(member);
    return member;
  }

  async join(options: JoinOptions, hooks: MemberHooks = {}): Promise<Member> {
    const member = this.member(options, hooks);
    await member.consumer.start(member);
    return member;
  }

  /** Resolves when `holds`, asked again after every event of a member. */
  until(what: string, holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        clearTimeout(limit);
        this.#waiting.delete(check);
        if (error === undefined) resolve();
        else reject(error);
      };
      const check = () => {
        if (holds()) settle();
      };
      const limit = setTimeout(() => settle(new Error(`waited ${waitLimitMs} ms until ${what}\n${this.#describe()}`)), waitLimitMs);
      this.#waiting.add(check);
      check();
    });
  }

  /** The values that members have received from a partition, in the order of arrival. */
  async values(member: Member, count: number, ofTopic?: string): Promise<readonly (string | null)[]> {
    const received = () => member.received.filter((each) => ofTopic === undefined || each.topic === ofTopic);
    await this.until(`${count} records have come`, () => received().length >= count);
    return received().map((each) => text(each.value));
  }

  async committed(group: string, topic: string): Promise<readonly { partition: number; offset: number; metadata: string }[]> {
    const committed = await this.transport.admin.committed(group, [topic]);
    return committed.map(({ partition, offset, metadata }) => ({ partition, offset, metadata })).toSorted((a, b) => a.partition - b.partition);
  }

  /** Closes what the test opened, and checks what its members were told. */
  async endTest(): Promise<void> {
    const members = this.#members;
    this.#members = [];
    for (const member of members) await member.close();
    await this.#producer?.close();
    this.#producer = undefined;
    const history = this.#history;
    this.#history = {};
    expect(members.flatMap((member) => faultsOf(member.history, history))).toEqual([]);
  }

  async close(): Promise<void> {
    await this.transport.close();
    await this.otherTransport.close();
    await this.#harness.close();
  }

  #recheck(): void {
    for (const check of [...this.#waiting]) check();
  }

  #describe(): string {
    return this.#members
      .map((member, index) => {
        const calls = member.history.map((event) => event.kind).slice(-20);
        return `member ${index} owns [${member.ownedNames.join(", ")}], received ${member.received.length} records; last calls: ${calls.join(" ")}`;
      })
      .join("\n");
  }
}
