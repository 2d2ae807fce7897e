import type { ClusterClient, Lane } from "./cluster-client.js";
import { ConnectionFault, check, faultType } from "./faults.js";
import type { Answer, Arguments, RequestName } from "./requests.js";

const KEY_TYPES = { group: 0, transaction: 1 } as const;
const MOVED = ["NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS"];

/** The broker that keeps a group, or the transactions of an id. It is found when first needed, and again when it has moved. */
export class Coordinator {
  readonly #client: ClusterClient;
  readonly #kind: keyof typeof KEY_TYPES;
  readonly #key: string;
  #broker: Promise<number> | undefined;

  constructor(client: ClusterClient, kind: keyof typeof KEY_TYPES, key: string) {
    this.#client = client;
    this.#kind = kind;
    this.#key = key;
  }

  /** @throws {ConnectionFault | ProtocolFault} */
  async request<Name extends RequestName>(lane: Lane, name: Name, ...args: Arguments<Name>): Promise<Answer<Name>> {
    this.#broker ??= this.#find();
    try {
      return await this.#client.request({ broker: await this.#broker, lane }, name, ...args);
    } catch (error) {
      this.#broker = undefined;
      throw error;
    }
  }

  /** To be told of what a request to it has failed with: another broker may be the coordinator by now. */
  failed(error: unknown): void {
    if (error instanceof ConnectionFault || MOVED.includes(faultType(error))) this.#broker = undefined;
  }

  async #find(): Promise<number> {
    const { coordinators } = await this.#client.request({ broker: "any" }, "FindCoordinator", KEY_TYPES[this.#kind], [this.#key]);
    const [found] = coordinators;
    if (found === undefined) throw new ConnectionFault(`the cluster did not tell who coordinates ${this.#kind} ${this.#key}`, { sent: true });
    check(found.errorCode, found.errorMessage);
    return found.nodeId;
  }
}
