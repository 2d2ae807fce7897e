import { type Bus, type Consumption, createBus, type Delivery, type Order, type Transport } from "@org/bus-core";
import { Step } from "../contracts/gen/streams/v1/step.js";

const MEMBERS = 3;
const PARTITIONS = 12;
const KEYS = 120;
/** How far publishing runs ahead of handling: enough that there is always work in flight. */
const MOST_UNHANDLED = 2_000;

export interface RollingRestartOptions {
  /** A transport of its own for each member, as processes have them. */
  readonly transport: () => Transport;
  /** A topic that nobody has used; also the name of the group. */
  readonly topic: string;
  /** In each round every member is restarted once, one after the other. */
  readonly rounds: number;
  /** Records that are handled between one step and the next. @default 400 */
  readonly recordsBetween?: number;
  /** How long a record is at work, by its number. @default 0 to 4 ms */
  readonly handlerMs?: (number: number) => number;
  readonly order?: Order;
}

/** What came of it: positions of keys, as `key/position`. */
export interface RollingRestartReport {
  readonly published: number;
  readonly handled: number;
  readonly lost: readonly string[];
  /** Handled more than once. */
  readonly duplicated: readonly string[];
  /** Begun when the position before it had not been handled. */
  readonly outOfOrder: readonly string[];
  /** Begun while another one of the key was at work, in whichever member. */
  readonly overlapping: readonly string[];
  /** For each partition that has not been committed to its end: how far it has. */
  readonly uncommitted: readonly string[];
}

/** What was handled, seen from outside of the members. */
class Handled {
  readonly duplicated: string[] = [];
  readonly outOfOrder: string[] = [];
  readonly overlapping: string[] = [];
  readonly #positions = new Map<string, Set<number>>();
  readonly #running = new Set<string>();
  #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  total = 0;
  unique = 0;

  begin({ track, position }: Step): void {
    const name = `${track}/${position}`;
    if (this.#running.has(track)) this.overlapping.push(name);
    if (position > 0 && !this.of(track).has(position - 1)) this.outOfOrder.push(name);
    this.#running.add(track);
  }

  end({ track, position }: Step): void {
    this.#running.delete(track);
    this.total++;
    const positions = this.of(track);
    if (positions.has(position)) this.duplicated.push(`${track}/${position}`);
    else this.unique++;
    positions.add(position);
    this.recheck();
  }

  of(track: string): Set<number> {
    const positions = this.#positions.get(track) ?? new Set();
    this.#positions.set(track, positions);
    return positions;
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ holds, resolve });
      this.recheck();
    });
  }

  recheck(): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ holds }) => !holds());
    for (const each of waiting) if (!this.#waiting.includes(each)) each.resolve();
  }
}

interface Member {
  readonly bus: Bus;
  readonly consumption: Consumption;
  handled: number;
}

/**
 * Restarts each of three members of a group over twelve partitions, cleanly and one after the other, while records keep coming. The next step waits
 * for progress: a member that was started has handled records of its own, and so has the group.
 */
export async function rollingRestart(options: RollingRestartOptions): Promise<RollingRestartReport> {
  const { transport: createTransport, topic, rounds, recordsBetween = 400, handlerMs = (number) => number % 5, order = "key" } = options;
  const contract = { ...Step, topic: { ...topicOf(Step), name: topic, partitions: PARTITIONS } };
  const handled = new Handled();
  let begun = 0;

  const start = async (): Promise<Member> => {
    const bus = createBus({ service: "rolling-restart", transport: createTransport() });
    const handler = async (step: Step, _: Delivery<Step>): Promise<void> => {
      handled.begin(step);
      await new Promise((resolve) => setTimeout(resolve, handlerMs(begun++)));
      member.handled++;
      handled.end(step);
    };
    const consumption = bus.consume(contract, { group: topic, concurrency: 50, order }, handler);
    const member: Member = { bus, consumption, handled: 0 };
    await consumption.started;
    return member;
  };
  const stop = async ({ bus, consumption }: Member): Promise<void> => {
    await consumption.close();
    await bus.close();
  };
  const progress = (): Promise<void> => {
    const until = handled.unique + recordsBetween;
    return handled.until(() => handled.unique >= until);
  };

  const transport = createTransport();
  const publisher = createBus({ service: "rolling-restart", transport });
  await publisher.topics.ensure([contract]);
  let published = 0;
  let over = false;
  const publish = async (): Promise<void> => {
    for (let position = 0; !over; position++) {
      await handled.until(() => over || published - handled.unique < MOST_UNHANDLED);
      await publisher.publishAll(
        contract,
        Array.from({ length: KEYS }, (_, key) => ({ track: `key-${key}`, position })),
      );
      published += KEYS;
    }
  };

  const members = await Promise.all(Array.from({ length: MEMBERS }, start));
  const publishing = publish();
  await handled.until(() => members.every((member) => member.handled > 0));
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < MEMBERS; index++) {
      await progress();
      await stop(members[index] as Member);
      await progress();
      const member = await start();
      members[index] = member;
      await handled.until(() => member.handled > 0);
    }
  }
  await progress();
  over = true;
  handled.recheck();
  await publishing;
  await handled.until(() => handled.unique >= published);
  for (const member of members) await stop(member);

  const lost: string[] = [];
  for (let key = 0; key < KEYS; key++) {
    for (let position = 0; position < published / KEYS; position++) if (!handled.of(`key-${key}`).has(position)) lost.push(`key-${key}/${position}`);
  }
  const committed = await transport.admin.committed(topic, [topic]);
  const uncommitted = (await transport.admin.offsets(topic)).flatMap(({ partition, logEnd }) => {
    const offset = committed.find((commit) => commit.partition === partition)?.offset ?? 0;
    return offset === logEnd ? [] : [`${partition}: ${offset} of ${logEnd}`];
  });
  await publisher.close();
  const { total, duplicated, outOfOrder, overlapping } = handled;
  return { published, handled: total, lost, duplicated, outOfOrder, overlapping, uncommitted };
}

function topicOf({ topic }: typeof Step) {
  if (topic === undefined) throw new Error("the contract declares no topic");
  return topic;
}
