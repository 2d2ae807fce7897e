import type { Clock, CommittedOffset, TopicPartition } from "@org/bus-core";
import { ProtocolError } from "./protocol-error.js";

/** The group is empty and somebody has joined: others may be about to. */
const INITIAL_DELAY_MS = 100;
const MOST_METADATA = 4_096;

export interface GroupProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinRequest {
  readonly memberId: string;
  readonly clientId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocols: readonly GroupProtocol[];
}

export interface Joined {
  readonly generation: number;
  readonly protocol: string;
  readonly leaderId: string;
  readonly memberId: string;
  /** For the leader only. */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[];
}

interface Answer<T> {
  readonly resolve: (result: T) => void;
  readonly reject: (error: ProtocolError) => void;
}

interface Member {
  readonly memberId: string;
  request: JoinRequest;
  assignment: Buffer;
  joining: Answer<Joined> | undefined;
  syncing: Answer<Buffer> | undefined;
  cancelSession: () => void;
}

type State = "empty" | "preparing" | "completing" | "stable";

/**
 * The coordinator of a classic group, by the rules of Kafka's: it waits for the members of the last generation and for those that it gave an id, each as long
 * as its rebalance timeout; takes commits of the old generation meanwhile; and never looks at who owns a partition.
 */
export class Group {
  readonly #members = new Map<string, Member>();
  /** Given an id, and not joined yet. */
  readonly #pending = new Map<string, () => void>();
  readonly #committed = new Map<string, CommittedOffset>();
  #state: State = "empty";
  #generation = 0;
  #leader: string | undefined;
  #protocol = "";
  #cancelRebalance = () => {};
  #ids = 0;

  constructor(
    private readonly clock: Clock,
    private readonly onExpelled: (memberId: string) => void,
  ) {}

  get memberIds(): readonly string[] {
    return [...this.#members.keys()];
  }

  join(request: JoinRequest): Promise<Joined> {
    return new Promise((resolve, reject) => {
      const { memberId } = request;
      if (memberId === "") {
        const id = `${request.clientId}-${++this.#ids}`;
        this.#pending.set(
          id,
          this.clock.schedule(request.sessionTimeoutMs, () => this.#forgetPending(id)),
        );
        reject(new ProtocolError("MEMBER_ID_REQUIRED", id));
        return;
      }
      let member = this.#members.get(memberId);
      const isNew = member === undefined;
      if (member === undefined) {
        if (!this.#pending.has(memberId)) {
          reject(new ProtocolError("UNKNOWN_MEMBER_ID"));
          return;
        }
        this.#pending.get(memberId)?.();
        this.#pending.delete(memberId);
        member = { memberId, request, assignment: Buffer.alloc(0), joining: undefined, syncing: undefined, cancelSession: () => {} };
        this.#members.set(memberId, member);
      }
      const isSame = !isNew && sameProtocols(member.request, request);
      member.request = request;
      this.#touch(member);
      if (isSame && this.#state === "completing") return resolve(this.#joined(member));
      if (isSame && this.#state === "stable" && memberId !== this.#leader) return resolve(this.#joined(member));
      member.joining?.reject(new ProtocolError("REBALANCE_IN_PROGRESS"));
      member.joining = { resolve, reject };
      // one that waits for the others need not say that it lives
      member.cancelSession();
      this.#prepare();
      this.#completeIfAllJoined();
    });
  }

  sync(memberId: string, generation: number, assignments: ReadonlyMap<string, Buffer>): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const member = this.#check(memberId, generation);
      if (this.#state === "preparing") throw new ProtocolError("REBALANCE_IN_PROGRESS");
      this.#touch(member);
      if (this.#state === "stable") return resolve(member.assignment);
      member.syncing = { resolve, reject };
      if (memberId !== this.#leader) return;
      this.#state = "stable";
      this.#cancelRebalance();
      for (const each of this.#members.values()) {
        each.assignment = assignments.get(each.memberId) ?? Buffer.alloc(0);
        each.syncing?.resolve(each.assignment);
        each.syncing = undefined;
      }
    });
  }

  heartbeat(memberId: string, generation: number): void {
    this.#touch(this.#check(memberId, generation));
    if (this.#state === "preparing") throw new ProtocolError("REBALANCE_IN_PROGRESS");
  }

  leave(memberId: string): void {
    if (this.#pending.has(memberId)) this.#forgetPending(memberId);
    else if (this.#members.has(memberId)) this.#remove(memberId);
    else throw new ProtocolError("UNKNOWN_MEMBER_ID");
  }

  commit(memberId: string, generation: number, offsets: readonly (TopicPartition & CommittedOffset)[]): void {
    this.#touch(this.#check(memberId, generation));
    if (this.#state === "completing") throw new ProtocolError("REBALANCE_IN_PROGRESS");
    if (offsets.some(({ metadata }) => metadata.length > MOST_METADATA)) throw new ProtocolError("OFFSET_METADATA_TOO_LARGE");
    for (const { topic, partition, offset, metadata } of offsets) this.#committed.set(`${topic}[${partition}]`, { offset, metadata });
  }

  committed({ topic, partition }: TopicPartition): CommittedOffset | undefined {
    return this.#committed.get(`${topic}[${partition}]`);
  }

  /** As if the heartbeats of a member had not come. */
  expire(memberId: string): void {
    if (!this.#members.has(memberId)) return;
    this.onExpelled(memberId);
    this.#remove(memberId);
  }

  /** Another node coordinates the group from now on: it knows what this one knew, but for the requests that wait here. */
  moved(): void {
    for (const member of this.#members.values()) {
      member.joining?.reject(new ProtocolError("NOT_COORDINATOR"));
      member.syncing?.reject(new ProtocolError("NOT_COORDINATOR"));
      member.joining = undefined;
      member.syncing = undefined;
      this.#touch(member);
    }
  }

  #check(memberId: string, generation: number): Member {
    const member = this.#members.get(memberId);
    if (member === undefined) throw new ProtocolError("UNKNOWN_MEMBER_ID");
    if (generation !== this.#generation) throw new ProtocolError("ILLEGAL_GENERATION");
    return member;
  }

  #touch(member: Member): void {
    member.cancelSession();
    member.cancelSession = this.clock.schedule(member.request.sessionTimeoutMs, () => this.expire(member.memberId));
  }

  #forgetPending(memberId: string): void {
    this.#pending.get(memberId)?.();
    this.#pending.delete(memberId);
    this.#completeIfAllJoined();
  }

  #remove(memberId: string): void {
    const member = this.#members.get(memberId);
    this.#members.delete(memberId);
    member?.cancelSession();
    member?.joining?.reject(new ProtocolError("UNKNOWN_MEMBER_ID"));
    member?.syncing?.reject(new ProtocolError("UNKNOWN_MEMBER_ID"));
    if (this.#leader === memberId) this.#leader = undefined;
    if (this.#state === "stable" || this.#state === "completing") this.#prepare();
    this.#completeIfAllJoined();
  }

  #prepare(): void {
    if (this.#state === "preparing") return;
    const wasEmpty = this.#state === "empty";
    if (this.#state === "completing") {
      for (const member of this.#members.values()) {
        member.syncing?.reject(new ProtocolError("REBALANCE_IN_PROGRESS"));
        member.syncing = undefined;
      }
    }
    this.#state = "preparing";
    this.#cancelRebalance();
    const waitMs = wasEmpty ? INITIAL_DELAY_MS : Math.max(0, ...[...this.#members.values()].map(({ request }) => request.rebalanceTimeoutMs));
    this.#initial = wasEmpty;
    this.#cancelRebalance = this.clock.schedule(waitMs, () => this.#complete());
  }

  /** The first generation waits for its time, whoever has joined. */
  #initial = false;

  #completeIfAllJoined(): void {
    if (this.#state !== "preparing" || this.#initial || this.#pending.size > 0) return;
    if ([...this.#members.values()].every(({ joining }) => joining !== undefined)) this.#complete();
  }

  #complete(): void {
    this.#cancelRebalance();
    this.#initial = false;
    for (const member of [...this.#members.values()]) {
      if (member.joining !== undefined) continue;
      this.onExpelled(member.memberId);
      this.#members.delete(member.memberId);
      member.cancelSession();
    }
    if (this.#members.size === 0) {
      this.#state = "empty";
      this.#leader = undefined;
      return;
    }
    this.#generation += 1;
    this.#state = "completing";
    const members = [...this.#members.values()];
    if (this.#leader === undefined || !this.#members.has(this.#leader)) this.#leader = members[0]?.memberId;
    this.#protocol = commonProtocol(members.map(({ request }) => request.protocols));
    // whoever does not ask for its assignment in time is gone
    const waitMs = Math.max(...members.map(({ request }) => request.rebalanceTimeoutMs));
    this.#cancelRebalance = this.clock.schedule(waitMs, () => this.#prepare());
    for (const member of members) {
      member.joining?.resolve(this.#joined(member));
      member.joining = undefined;
      this.#touch(member);
    }
  }

  #joined({ memberId }: Member): Joined {
    const metadataOf = (request: JoinRequest) => request.protocols.find(({ name }) => name === this.#protocol)?.metadata ?? Buffer.alloc(0);
    const all = [...this.#members.values()].map((member) => ({ memberId: member.memberId, metadata: metadataOf(member.request) }));
    const leaderId = this.#leader ?? "";
    return { generation: this.#generation, protocol: this.#protocol, leaderId, memberId, members: memberId === leaderId ? all : [] };
  }
}

function sameProtocols(a: JoinRequest, b: JoinRequest): boolean {
  return (
    a.protocols.length === b.protocols.length &&
    a.protocols.every(({ name, metadata }, index) => b.protocols[index]?.name === name && b.protocols[index]?.metadata.equals(metadata) === true)
  );
}

/** The first of a member's own that all others can do too. */
function commonProtocol(all: readonly (readonly GroupProtocol[])[]): string {
  const [first = []] = all;
  const found = first.find(({ name }) => all.every((protocols) => protocols.some((protocol) => protocol.name === name)));
  if (found === undefined) throw new ProtocolError("INCONSISTENT_GROUP_PROTOCOL");
  return found.name;
}
