import { setTimeout as sleep } from "node:timers/promises";
import { type Bus, type Consumption, type Contract, createBus, type Transport } from "@org/bus-core";
import { vi } from "vitest";
import { Step, type StepInit } from "../contracts/gen/streams/v1/step.js";
import { observeTransport } from "../verifiable/observe-transport.js";

const PARTITIONS = 12;
const TRACKS = 60;
const HANDLER_MS = 3;

interface Member {
  readonly bus: Bus;
  readonly consumption: Consumption;
}

/** What a rolling restart has done. */
export interface RestartReport {
  readonly published: number;
  /** Positions that were handled more than once. */
  readonly repeated: readonly number[];
  readonly unhandled: readonly number[];
  /** Partitions that were given to a member, since all had their first. */
  readonly moves: number;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A group under load, whose members are replaced one after the other. */
export class RollingRestart {
  readonly #open: (member: number) => Transport;
  readonly #topic: string;
  readonly #contract: Contract<Step, StepInit>;
  readonly #publisher: Bus;
  readonly #handled = new Map<number, number>();
  readonly #owners = new Map<number, number>();
  #published = 0;
  #moves = 0;
  #stopped = false;

  constructor(topic: string, open: (member: number) => Transport) {
    this.#open = open;
    this.#topic = topic;
    const declaration = { name: topic, partitions: PARTITIONS, cleanup: "delete", owner: { team: "bus", channel: "#bus" } } as const;
    this.#contract = { ...Step, topic: declaration };
    this.#publisher = createBus({ service: "rolling-restart", transport: open(-1), logger: silent });
  }

  /** @param members how many there are; each is replaced once */
  async run(members: number): Promise<RestartReport> {
    await this.#publisher.topics.ensure([this.#contract]);
    const publishing = this.#publish();
    const running = await Promise.all(Array.from({ length: members }, (_, member) => this.#join(member)));
    await this.#until(() => this.#owners.size === PARTITIONS && this.#isBalanced(members));
    this.#moves = 0;
    for (const [member, old] of running.entries()) {
      await this.#progress();
      await this.#leave(old);
      running[member] = await this.#join(member);
      await this.#until(() => this.#isBalanced(members));
    }
    await this.#progress();
    this.#stopped = true;
    await publishing;
    await this.#until(() => this.#handled.size === this.#published);
    for (const member of running) await this.#leave(member);
    await this.#publisher.close();
    const positions = Array.from({ length: this.#published }, (_, position) => position);
    return {
      published: this.#published,
      repeated: positions.filter((position) => (this.#handled.get(position) ?? 0) > 1),
      unhandled: positions.filter((position) => !this.#handled.has(position)),
      moves: this.#moves,
    };
  }

  async #publish(): Promise<void> {
    while (!this.#stopped) {
      const steps = Array.from({ length: 20 }, (): StepInit => ({ track: `track-${this.#published % TRACKS}`, position: this.#published++ }));
      await this.#publisher.publishAll(this.#contract, steps);
      await sleep(10);
    }
  }

  async #join(member: number): Promise<Member> {
    const transport = observeTransport(this.#open(member), {
      assigned: (partitions) => {
        for (const { partition } of partitions) this.#owners.set(partition, member);
        this.#moves += partitions.length;
      },
      received() {},
      gone() {},
      committing() {},
      committed() {},
    });
    const bus = createBus({ service: "rolling-restart", transport, logger: silent });
    const consumption = bus.consume(this.#contract, { group: this.#topic, concurrency: 20 }, async ({ position }) => {
      await sleep(HANDLER_MS);
      this.#handled.set(position, (this.#handled.get(position) ?? 0) + 1);
    });
    await consumption.started;
    return { bus, consumption };
  }

  async #leave({ bus, consumption }: Member): Promise<void> {
    await consumption.close();
    await bus.close();
  }

  #isBalanced(members: number): boolean {
    const shares = Array.from({ length: members }, (_, member) => [...this.#owners.values()].filter((owner) => owner === member).length);
    return shares.every((share) => share === PARTITIONS / members);
  }

  /** Resolves when some more has been handled, by whoever holds what. */
  async #progress(): Promise<void> {
    const goal = this.#handled.size + 500;
    await this.#until(() => this.#handled.size >= goal);
  }

  async #until(holds: () => boolean): Promise<void> {
    await vi.waitUntil(holds, { timeout: 60_000, interval: 5 });
  }
}
