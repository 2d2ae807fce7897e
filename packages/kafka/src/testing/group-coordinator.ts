import type { Clock } from "@org/bus-core";
import type { CoordinatorBroker } from "../group/coordinator.js";
import type { GroupMember } from "../group/group-protocol.js";

type Request<K extends keyof CoordinatorBroker> = Parameters<CoordinatorBroker[K]>[0];
type JoinRequest = Request<"joinGroup">;
type Joined = Awaited<ReturnType<CoordinatorBroker["joinGroup"]>>;

interface Waiting<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: Error) => void;
}

interface Member {
  readonly memberId: string;
  request: JoinRequest;
  assignment: Buffer;
  joining: Waiting<Joined> | undefined;
  syncing: Waiting<{ memberAssignment: Buffer }> | undefined;
  cancelSession: () => void;
}

/** What a broker answers, as kafkajs throws it. */
export function protocolError(type: string, retriable = false): Error {
  return Object.assign(new Error(type), { name: "KafkaJSProtocolError", type, retriable });
}

/**
 * The coordinator of one group of the classic protocol, by the rules of Kafka (`ClassicGroup` and `GroupMetadataManager` of its brokers): what members
 * see of it, without a network.
 */
export class GroupCoordinator implements CoordinatorBroker {
  readonly #clock: Clock;
  readonly #members = new Map<string, Member>();
  #state: "empty" | "preparing" | "completing" | "stable" = "empty";
  #leader: string | undefined;
  #protocol = "";
  #ids = 0;
  #cancelRebalance = () => {};
  generation = 0;
  /** By `topic/partition`. */
  readonly committed = new Map<string, string>();
  /** Answers the next requests of a kind with errors, first to last, instead of taking them. */
  readonly faults: { readonly request: keyof CoordinatorBroker; readonly error: Error }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get memberIds(): string[] {
    return [...this.#members.keys()];
  }

  get protocol(): string {
    return this.#protocol;
  }

  isConnected(): boolean {
    return true;
  }

  async joinGroup(request: JoinRequest): Promise<Joined> {
    this.#failIfAsked("joinGroup");
    if (request.memberId !== "") this.#existing(request.memberId);
    const names = [...this.#members.values()].filter(({ memberId }) => memberId !== request.memberId).map((member) => namesOf(member.request));
    if (!namesOf(request).some((name) => names.every((others) => others.includes(name)))) throw protocolError("INCONSISTENT_GROUP_PROTOCOL");
    const memberId = request.memberId || `member-${++this.#ids}`;
    const before = this.#members.get(memberId);
    const member = before ?? { memberId, request, assignment: Buffer.alloc(0), joining: undefined, syncing: undefined, cancelSession: () => {} };
    const isSame = before !== undefined && sameProtocols(before.request, request);
    this.#members.set(memberId, member);
    member.request = request;
    member.cancelSession();
    return new Promise((resolve, reject) => {
      const isSettled = this.#state === "completing" || (this.#state === "stable" && memberId !== this.#leader);
      if (isSame && isSettled) return resolve(this.#joined(member));
      member.joining = { resolve, reject };
      this.#prepare();
      this.#completeIfAllJoined();
    });
  }

  async syncGroup({ memberId, generationId, groupAssignment }: Request<"syncGroup">): Promise<{ memberAssignment: Buffer }> {
    this.#failIfAsked("syncGroup");
    const member = this.#existing(memberId);
    this.#checkGeneration(generationId);
    if (this.#state === "preparing") throw protocolError("REBALANCE_IN_PROGRESS");
    if (this.#state === "stable") return { memberAssignment: member.assignment };
    return new Promise((resolve, reject) => {
      member.syncing = { resolve, reject };
      member.cancelSession();
      if (memberId !== this.#leader) return;
      for (const each of this.#members.values()) {
        each.assignment = groupAssignment.find((given) => given.memberId === each.memberId)?.memberAssignment ?? Buffer.alloc(0);
        each.syncing?.resolve({ memberAssignment: each.assignment });
        each.syncing = undefined;
        this.#expectSoon(each);
      }
      this.#state = "stable";
    });
  }

  async heartbeat({ memberId, groupGenerationId }: Request<"heartbeat">): Promise<void> {
    this.#failIfAsked("heartbeat");
    this.#expectSoon(this.#existing(memberId));
    this.#checkGeneration(groupGenerationId);
    if (this.#state === "preparing") throw protocolError("REBALANCE_IN_PROGRESS");
  }

  async offsetCommit({ memberId, groupGenerationId, topics }: Request<"offsetCommit">): Promise<void> {
    this.#failIfAsked("offsetCommit");
    this.#expectSoon(this.#existing(memberId));
    this.#checkGeneration(groupGenerationId);
    if (this.#state === "completing") throw protocolError("REBALANCE_IN_PROGRESS");
    for (const { topic, partitions } of topics) for (const { partition, offset } of partitions) this.committed.set(`${topic}/${partition}`, offset);
  }

  async leaveGroup({ memberId }: Request<"leaveGroup">): Promise<void> {
    this.#failIfAsked("leaveGroup");
    this.#existing(memberId);
    this.remove(memberId);
  }

  /** The group goes on without a member, as if it had been silent for too long. */
  remove(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    this.#members.delete(memberId);
    member.cancelSession();
    for (const waiting of [member.joining, member.syncing]) waiting?.reject(protocolError("UNKNOWN_MEMBER_ID"));
    if (this.#members.size === 0) this.#state = "empty";
    else this.#prepare();
    this.#completeIfAllJoined();
  }

  #prepare(): void {
    if (this.#state === "preparing") return;
    this.#state = "preparing";
    for (const member of this.#members.values()) {
      member.syncing?.reject(protocolError("REBALANCE_IN_PROGRESS"));
      member.syncing = undefined;
      this.#expectSoon(member);
    }
    const timeoutMs = Math.max(...[...this.#members.values()].map(({ request }) => request.rebalanceTimeout));
    this.#cancelRebalance = this.#clock.schedule(timeoutMs, () => {
      for (const { memberId, joining } of this.#members.values()) if (joining === undefined) this.remove(memberId);
    });
  }

  #completeIfAllJoined(): void {
    const members = [...this.#members.values()];
    if (this.#state !== "preparing" || members.some(({ joining }) => joining === undefined)) return;
    this.#cancelRebalance();
    this.#state = "completing";
    this.generation++;
    this.#protocol = mostWanted(members.map(({ request }) => namesOf(request)));
    if (this.#leader === undefined || !this.#members.has(this.#leader)) this.#leader = members[0]?.memberId;
    for (const member of members) {
      member.joining?.resolve(this.#joined(member));
      member.joining = undefined;
      this.#expectSoon(member);
    }
  }

  #joined({ memberId }: Member): Joined {
    const ofProtocol = ({ request }: Member) => request.groupProtocols.find(({ name }) => name === this.#protocol)?.metadata ?? Buffer.alloc(0);
    const members = [...this.#members.values()].map((member): GroupMember => ({ memberId: member.memberId, memberMetadata: ofProtocol(member) }));
    const leaderId = this.#leader ?? "";
    return { generationId: this.generation, groupProtocol: this.#protocol, leaderId, memberId, members: memberId === leaderId ? members : [] };
  }

  /** A member is removed when nothing is heard of it for its session timeout, unless it waits for an answer. */
  #expectSoon(member: Member): void {
    member.cancelSession();
    if (member.joining !== undefined || member.syncing !== undefined) return;
    member.cancelSession = this.#clock.schedule(member.request.sessionTimeout, () => this.remove(member.memberId));
  }

  #existing(memberId: string): Member {
    const member = this.#members.get(memberId);
    if (member === undefined) throw protocolError("UNKNOWN_MEMBER_ID");
    return member;
  }

  #checkGeneration(generation: number): void {
    if (generation !== this.generation) throw protocolError("ILLEGAL_GENERATION");
  }

  #failIfAsked(request: keyof CoordinatorBroker): void {
    const index = this.faults.findIndex((fault) => fault.request === request);
    const [fault] = index < 0 ? [] : this.faults.splice(index, 1);
    if (fault !== undefined) throw fault.error;
  }
}

function namesOf({ groupProtocols }: JoinRequest): string[] {
  return groupProtocols.map(({ name }) => name);
}

function sameProtocols(a: JoinRequest, b: JoinRequest): boolean {
  const hasSame = ({ name, metadata }: JoinRequest["groupProtocols"][number], index: number) =>
    b.groupProtocols[index]?.name === name && b.groupProtocols[index].metadata.equals(metadata);
  return a.groupProtocols.length === b.groupProtocols.length && a.groupProtocols.every(hasSame);
}

/** Each member votes for the first of its protocols that all know. */
function mostWanted(names: readonly (readonly string[])[]): string {
  const common = (names[0] ?? []).filter((name) => names.every((others) => others.includes(name)));
  const votes = new Map(common.map((name) => [name, 0]));
  for (const wanted of names) {
    const vote = wanted.find((name) => common.includes(name));
    if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  return [...votes].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}
