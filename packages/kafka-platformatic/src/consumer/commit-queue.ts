import { BusError, type CommitRequest } from "@org/bus-core";
import type { Cluster } from "../client/cluster.js";
import { faultType, mayPass, toBusError } from "../client/faults.js";
import { nameOf } from "../client/topic-partitions.js";
import type { Membership } from "../group/membership.js";
import { OneAtATime } from "../group/one-at-a-time.js";

const TRIES = 5;
const FENCED = [
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
  "REBALANCE_IN_PROGRESS",
  "FENCED_INSTANCE_ID",
  "STALE_MEMBER_EPOCH",
  "FENCED_MEMBER_EPOCH",
];

export interface CommitQueueOptions {
  readonly cluster: Cluster;
  readonly membership: Membership;
  /** Whether the epoch of a request is that in which the member holds the partition now. */
  readonly isOurs: (request: CommitRequest) => boolean;
}

/** Commits one after the other, so that none undoes a later one; each is repeated while its partitions are held. */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  readonly #requests = new OneAtATime();

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /**
   * @throws {BusError} `fenced` when some are of an epoch that is over, or `transport_failed` and the like
   */
  commit(requests: readonly CommitRequest[]): Promise<void> {
    return this.#requests.run(() => this.#commit(requests));
  }

  async #commit(requests: readonly CommitRequest[]): Promise<void> {
    const { cluster, membership, isOurs } = this.#options;
    for (let tries = 1; ; tries++) {
      const ours = requests.filter(isOurs);
      const overtaken = requests.filter((request) => !ours.includes(request));
      try {
        if (ours.length > 0) await membership.commit(ours);
        if (overtaken.length > 0) throw fenced(overtaken);
        return;
      } catch (error) {
        const repeats = mayPass(error) && tries < TRIES;
        if (!repeats && FENCED.includes(faultType(error))) throw fenced(ours, error);
        if (!repeats) throw toBusError(error, { operation: "commit offsets", principal: cluster.principal });
      }
      await cluster.wait(tries - 1);
    }
  }
}

function fenced(requests: readonly CommitRequest[], cause?: unknown): BusError {
  const names = requests.map(nameOf).join(", ");
  return new BusError("fenced", `the group has moved on, and the offsets of ${names} were not committed`, { cause });
}
