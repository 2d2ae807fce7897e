import { protocolError } from "../client/errors.js";
import type { GroupMember } from "./group-protocol.js";

export interface OffsetsToCommit {
  readonly topics: { topic: string; partitions: { partition: number; offset: string; metadata: string }[] }[];
}

interface Identity {
  readonly groupId: string;
  readonly memberId: string;
}

/** What a broker of kafkajs can do as the coordinator of a group; the types of kafkajs leave most of it out. */
export interface CoordinatorBroker {
  isConnected(): boolean;
  joinGroup(
    request: Identity & {
      readonly sessionTimeout: number;
      readonly rebalanceTimeout: number;
      readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[];
    },
  ): Promise<{
    readonly generationId: number;
    readonly groupProtocol: string;
    readonly leaderId: string;
    readonly memberId: string;
    /** For the leader only. */
    readonly members: readonly GroupMember[];
  }>;
  syncGroup(
    request: Identity & {
      readonly generationId: number;
      readonly groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[];
    },
  ): Promise<{ readonly memberAssignment: Buffer }>;
  heartbeat(request: Identity & { readonly groupGenerationId: number }): Promise<unknown>;
  offsetCommit(request: Identity & OffsetsToCommit & { readonly groupGenerationId: number }): Promise<unknown>;
  leaveGroup(request: Identity): Promise<unknown>;
}

const NOT_THERE = ["NOT_COORDINATOR_FOR_GROUP", "GROUP_COORDINATOR_NOT_AVAILABLE"];

/** The broker that coordinates a group, looked up when it is first needed and again when it has moved or the connection is gone. */
export class Coordinator {
  readonly #find: () => Promise<CoordinatorBroker>;
  #broker: Promise<CoordinatorBroker> | undefined;

  constructor(find: () => Promise<CoordinatorBroker>) {
    this.#find = find;
  }

  async call<T>(request: (broker: CoordinatorBroker) => Promise<T>): Promise<T> {
    let found = this.#found();
    try {
      let broker = await found;
      if (!broker.isConnected()) {
        this.#forget(found);
        found = this.#found();
        broker = await found;
      }
      return await request(broker);
    } catch (error) {
      // errors of the protocol come from a broker that answers
      if (protocolError(error) === "" || NOT_THERE.includes(protocolError(error))) this.#forget(found);
      throw error;
    }
  }

  #found(): Promise<CoordinatorBroker> {
    this.#broker ??= this.#find();
    return this.#broker;
  }

  #forget(broker: Promise<CoordinatorBroker>): void {
    if (this.#broker === broker) this.#broker = undefined;
  }
}
