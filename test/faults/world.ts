import type { Transport } from "@org/bus-core";
import { Program, type ProgramFlags } from "../verifiable/program.js";
import { transports } from "../verifiable/transports.js";
import { deleteRecords } from "./cluster-roles.js";
import type { FaultEnvironment } from "./environment.js";
import { Ledger, type LedgerReport } from "./ledger.js";

export interface WorldOptions {
  readonly environment: FaultEnvironment;
  /** Whether the programs connect through the proxies. @default false */
  readonly proxied?: boolean;
  /** `kafkajs` or another that the verifiable programs know. */
  readonly client: string;
  /** @default 6 */
  readonly partitions?: number;
  /** @default 100 */
  readonly keys?: number;
  /** Records a second. @default 1000 */
  readonly throughput?: number;
  /** Flags of the consumers beyond the usual. @default {} */
  readonly consumerFlags?: ProgramFlags;
  /** For how long nothing may be handled before the run counts as stuck, in ms. @default 90_000 */
  readonly stuckAfterMs?: number;
  readonly say?: (text: string) => void;
}

/** What a scenario measured. */
export interface Outcome extends LedgerReport {
  readonly faults: number;
  /** From a fault until every partition had been handled again, in ms, in the order of the faults. */
  readonly recoveryMs: readonly number[];
  /** Partitions whose committed offset was not the end of the log after a clean end. */
  readonly uncommitted: readonly string[];
  /** Sends of which the producer could not say whether they were written. */
  readonly unknownSends: number;
}

/** A topic under load, its producer and its consumers, and the ledger of what they print. */
export class World {
  readonly ledger = new Ledger();
  readonly topic = `faults-${crypto.randomUUID()}`;
  readonly group = this.topic;
  readonly partitions: number;
  readonly #options: WorldOptions;
  readonly #transport: Transport;
  readonly #consumers = new Map<string, Program>();
  readonly #recoveryMs: number[] = [];
  #producer: Program | undefined;
  #faults = 0;
  #started = 0;

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.partitions = options.partitions ?? 6;
    const open = transports[options.client];
    if (open === undefined) throw new Error(`the client ${options.client} must be one of ${Object.keys(transports).join(", ")}`);
    this.#transport = open({ brokers: options.environment.cluster.brokers });
  }

  /** Creates the topic and starts the producer. */
  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options);
    await world.#transport.admin.createTopics([{ name: world.topic, partitions: world.partitions, cleanup: "delete" }]);
    world.#producer = world.#program("producer", "producer", {
      throughput: options.throughput ?? 1_000,
      "repeating-keys": options.keys ?? 100,
    });
    await world.#producer.event("startup_complete");
    return world;
  }

  get cluster(): FaultEnvironment["cluster"] {
    return this.#options.environment.cluster;
  }

  /** One for each broker. */
  get proxies(): FaultEnvironment["proxies"] {
    return this.#options.environment.proxies;
  }

  get members(): readonly string[] {
    return [...this.#consumers.keys()];
  }

  /** Starts a consumer; resolves with its name when it has joined the group. */
  async join(): Promise<string> {
    const name = `consumer-${++this.#started}`;
    const consumer = this.#program(name, "consumer", {
      "group-id": this.group,
      "session-timeout": 6_000,
      "handler-ms": 2,
      verbose: true,
      ...this.#options.consumerFlags,
    });
    this.#consumers.set(name, consumer);
    await consumer.event("startup_complete");
    return name;
  }

  /** Ends a consumer cleanly. */
  async leave(name: string): Promise<void> {
    await this.#take(name).stop();
  }

  /** Ends a consumer with SIGKILL. */
  async kill(name: string): Promise<void> {
    await this.#take(name).kill();
    this.ledger.died(name);
  }

  /** Resolves when `count` more records have been handled. @throws {Error} when nothing is for too long */
  async progress(count: number): Promise<void> {
    const goal = this.ledger.handled + count;
    await this.#until(`${count} more records are handled`, () => this.ledger.handled >= goal);
  }

  /** Deletes all records that are in the log now. */
  async deleteRecords(): Promise<void> {
    await deleteRecords(this.cluster, this.topic);
  }

  /** Lets `strike` happen, and waits until every partition has been handled since. */
  async fault(what: string, strike: () => Promise<void>): Promise<void> {
    this.#faults++;
    const at = Date.now();
    await strike();
    const all = Array.from({ length: this.partitions }, (_, partition) => partition);
    const struckAt = Date.now();
    await this.#until(`every partition goes on after ${what}`, () => all.every((partition) => this.ledger.lastHandledAt(partition) > struckAt));
    const recoveryMs = Math.max(...all.map((partition) => this.ledger.lastHandledAt(partition))) - at;
    this.#recoveryMs.push(recoveryMs);
    this.#options.say?.(`fault ${this.#faults}: ${what}; ${recoveryMs} ms until every partition went on`);
  }

  /** Stops the load, waits until everything is handled, ends the consumers cleanly, and closes the books. */
  async finish(): Promise<Outcome> {
    await this.#producer?.stop();
    this.#producer = undefined;
    const logStarts = async () => new Map((await this.#transport.admin.offsets(this.topic)).map(({ partition, logStart }) => [partition, logStart]));
    const starts = await logStarts();
    await this.#until("everything acknowledged is handled", () => this.ledger.unhandled(starts) === 0).catch((error: unknown) => {
      // the report says what is missing
      this.#options.say?.(String(error));
    });
    await Promise.all(this.members.map((name) => this.leave(name)));
    const committed = await this.#transport.admin.committed(this.group, [this.topic]);
    const uncommitted = (await this.#transport.admin.offsets(this.topic)).flatMap(({ partition, logEnd }) => {
      const offset = committed.find((each) => each.partition === partition)?.offset ?? 0;
      return offset === logEnd ? [] : [`partition ${partition} is committed at ${offset}, its log ends at ${logEnd}`];
    });
    return { ...this.ledger.report(starts), faults: this.#faults, recoveryMs: this.#recoveryMs, uncommitted, unknownSends: this.ledger.unknown };
  }

  /** Ends whatever still runs. */
  async close(): Promise<void> {
    const left = [...this.#consumers.values(), ...(this.#producer ? [this.#producer] : [])];
    await Promise.all(left.map((program) => program.kill()));
    await this.#transport.close();
  }

  #program(name: string, program: "producer" | "consumer", flags: ProgramFlags): Program {
    const { environment, proxied = false } = this.#options;
    const brokers = proxied ? environment.proxiedBrokers : environment.cluster.brokers;
    const all = { "bootstrap-server": brokers.join(","), topic: this.topic, transport: this.#options.client, ...flags };
    return Program.ours(name, program, all, (event) => this.ledger.add(name, event));
  }

  #take(name: string): Program {
    const consumer = this.#consumers.get(name);
    if (consumer === undefined) throw new Error(`there is no consumer ${name}`);
    this.#consumers.delete(name);
    return consumer;
  }

  /** Fails when nothing at all is handled for too long, or a program has ended by itself. */
  async #until(what: string, holds: () => boolean): Promise<void> {
    const { stuckAfterMs = 90_000 } = this.#options;
    const abort = new AbortController();
    let handled = -1;
    let since = Date.now();
    const watch = setInterval(() => {
      const ended = [...this.#consumers.values(), ...(this.#producer ? [this.#producer] : [])].find((program) => program.hasEnded);
      if (ended !== undefined) abort.abort(new Error(`${ended.name} ended by itself: ${ended.errors.trim()}`));
      if (this.ledger.handled !== handled) [handled, since] = [this.ledger.handled, Date.now()];
      else if (Date.now() - since > stuckAfterMs)
        abort.abort(new Error(`stuck: nothing was handled for ${stuckAfterMs} ms while waiting until ${what}`));
    }, 500);
    try {
      await this.ledger.until(holds, abort.signal);
    } finally {
      clearInterval(watch);
    }
  }
}
