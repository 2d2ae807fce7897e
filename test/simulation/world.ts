import type { Clock } from "@org/bus-core";
import { createDeliveryRecorder, type DeliveryEvent, type DeliveryRecorder } from "@org/bus-testkit";
import type { SimulatedCluster } from "./cluster/cluster.js";
import type { Chance } from "./environment/chance.js";
import type { Troublemaker } from "./environment/troublemaker.js";
import { Member, type MemberContext } from "./member.js";
import { Done, GROUP, Job } from "./messages.js";
import { Publisher } from "./publisher.js";
import type { Results } from "./results.js";
import type { Healing } from "./scenario/handlers.js";
import type { Action } from "./scenario/plan.js";
import type { Scenario } from "./scenario/scenario.js";
import type { Trace } from "./trace.js";

const TOPIC = Job.topic?.name ?? "";
const MOST_MEMBERS = 5;

export interface WorldContext {
  readonly scenario: Scenario;
  readonly cluster: SimulatedCluster;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly troublemaker: Troublemaker;
}

/** The cluster, the publisher and the members of one run, and what happens to them. */
export class World implements Healing {
  readonly #context: WorldContext;
  readonly #recorder: DeliveryRecorder;
  readonly #chance: Chance;
  readonly #publisher: Publisher;
  readonly #members: Member[] = [];
  readonly #closing = new Set<Promise<void>>();
  readonly #onHealed: (() => void)[] = [];
  readonly #unsettled = new Set<string>();
  readonly #settled = new Set<string>();
  readonly #atWork = new Map<string, string | undefined>();
  readonly #logStarts = new Map<number, number>();
  readonly problems: string[] = [];
  #names = 0;
  #hasPublished = false;
  healed = false;

  constructor(context: WorldContext) {
    const { cluster, scenario, chance, trace } = context;
    this.#context = context;
    this.#chance = chance.fork("world");
    this.#recorder = createDeliveryRecorder({
      clock: context.clock,
      onEvent: (event) => {
        trace.event(event);
        this.#follow(event);
      },
    });
    for (const { topic } of [Job, Done]) cluster.createTopic(topic?.name ?? "", scenario.partitions);
    this.#publisher = new Publisher(context, this.#recorder);
    for (let count = 0; count < scenario.members; count++) this.#join();
    for (const { atMs, action } of scenario.plan) context.clock.schedule(atMs, () => this.#act(action));
    this.#publisher.run().then(
      () => {
        this.#hasPublished = true;
      },
      (error: unknown) => this.problem(`the publisher has failed: ${String(error)}`),
    );
  }

  get events(): readonly DeliveryEvent[] {
    return this.#recorder.events;
  }

  /** All has been published, settled and committed. */
  get isDone(): boolean {
    return this.#hasPublished && this.#closing.size === 0 && this.#unsettled.size === 0 && this.behind().length === 0;
  }

  /** What of the partitions is not committed. */
  behind(): readonly string[] {
    const { cluster } = this.#context;
    return cluster.offsets(TOPIC).flatMap((log) => {
      const committed = cluster.committed(GROUP, log)?.offset ?? log.logStart;
      const end = cluster.endOfRecords(log);
      return committed < end ? [`${TOPIC}[${log.partition}] is committed up to ${committed} of ${end}`] : [];
    });
  }

  /** What the members have published, as consumers see it. */
  results(): Pick<Results, "done" | "deadLetters"> {
    const { cluster } = this.#context;
    return { done: cluster.records(Done.topic?.name ?? ""), deadLetters: cluster.records(`${TOPIC}.${GROUP}.dlq`) };
  }

  problem(text: string): void {
    this.#context.trace.line("", `PROBLEM ${text}`);
    this.problems.push(text);
  }

  onHealed(callback: () => void): void {
    this.#onHealed.push(callback);
  }

  /** From now on nothing goes wrong, and somebody is there to work. */
  heal(): void {
    this.#context.trace.line("", "all is well again");
    this.healed = true;
    this.#context.troublemaker.heal();
    for (const callback of this.#onHealed.splice(0)) callback();
    for (const member of this.#up()) if (member.isPaused) member.resume();
    if (this.#up().length === 0) this.#join();
  }

  /** Closes all members; resolves when the last has ended. */
  async close(): Promise<void> {
    for (const member of this.#up()) this.#close(member);
    while (this.#closing.size > 0) await Promise.all(this.#closing);
  }

  explain(): string {
    const waiting = [...this.#unsettled].slice(0, 5).join(" ");
    const members = this.#members.filter(({ isUp }) => isUp).map(({ name, explanation }) => `${name} ${explanation}`);
    return [`unsettled: ${this.#unsettled.size} (${waiting})`, ...this.behind(), `closing: ${this.#closing.size}`, ...members].join("; ");
  }

  /** Whether a handler of a living process works. */
  get isAtWork(): boolean {
    return this.#atWork.size > 0;
  }

  #followWork(event: DeliveryEvent): void {
    if (event.kind === "crashed") {
      for (const [id, member] of this.#atWork) if (member === event.member) this.#atWork.delete(id);
      return;
    }
    if (event.kind !== "started" && event.kind !== "ended") return;
    const id = `${event.assignment} ${event.stage ?? ""} ${event.partition}@${event.offset}`;
    if (event.kind === "started") this.#atWork.set(id, event.member);
    else this.#atWork.delete(id);
  }

  #up(): readonly Member[] {
    return this.#members.filter(({ isUp }) => isUp);
  }

  #join(): void {
    const name = `m${++this.#names}`;
    const { trace } = this.#context;
    trace.line(name, "joins");
    const context: MemberContext = { ...this.#context, healing: this, report: (problem) => this.problem(problem) };
    this.#members.push(new Member(name, context, this.#recorder));
  }

  #close(member: Member, andThen: () => void = () => {}): void {
    this.#context.trace.line(member.name, "closes");
    const closing = member
      .close()
      .then(andThen, (error: unknown) => this.problem(`${member.name} could not close: ${String(error)}`))
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #act(action: Action): void {
    const up = this.#up();
    if (action === "join") {
      if (up.length < MOST_MEMBERS) this.#join();
    } else if (action === "deleteRecords" || action === "skipOffsets") this.#actOnLog(action);
    else if (action === "expire") this.#expire();
    else if (up.length > 0) this.#actOn(this.#chance.pick(up), action);
  }

  #actOn(member: Member, action: Exclude<Action, "join" | "expire" | "deleteRecords" | "skipOffsets">): void {
    this.#context.trace.line(member.name, `is to ${action}`);
    if (action === "crash") member.crash();
    else if (action === "close") this.#close(member);
    else if (action === "restart") this.#close(member, () => this.#join());
    else if (action === "reopen") member.reopen();
    else if (action === "stop") member.stopConsumers();
    else if (action === "breakPipe") member.breakPipe();
    else if (action === "pause") member.pause();
    else member.resume();
  }

  #expire(): void {
    const { cluster, trace } = this.#context;
    const members = cluster.members(GROUP);
    if (members.length === 0) return;
    const memberId = this.#chance.pick(members);
    trace.line("", `the session of ${memberId} expires`);
    cluster.expire(GROUP, memberId);
  }

  #actOnLog(action: "deleteRecords" | "skipOffsets"): void {
    const { cluster } = this.#context;
    const log = this.#chance.pick(cluster.offsets(TOPIC));
    if (action === "skipOffsets") {
      cluster.skipOffsets(log, this.#chance.integer(1, 5));
      return;
    }
    const offset = this.#chance.integer(log.logStart, log.logEnd);
    this.#recorder.note({ kind: "deleted", topic: TOPIC, partition: log.partition, offset });
    cluster.deleteRecords(log, offset);
  }

  #follow(event: DeliveryEvent): void {
    this.#followWork(event);
    if (event.kind === "deleted") {
      this.#logStarts.set(event.partition, event.offset);
      for (const id of this.#unsettled)
        if (id.startsWith(`${event.partition}@`) && Number(id.split("@")[1]) < event.offset) this.#unsettled.delete(id);
    }
    if (event.kind !== "published" && event.kind !== "ended") return;
    const id = `${event.partition}@${event.offset}`;
    // the acknowledgement may come after the deletion
    const isThere = event.offset >= (this.#logStarts.get(event.partition) ?? 0);
    if (event.kind === "published" && isThere && !this.#settled.has(id)) this.#unsettled.add(id);
    if (event.kind === "ended" && event.outcome === "settled") {
      this.#settled.add(id);
      this.#unsettled.delete(id);
    }
  }
}
