import { BusError, type CommitRequest, type TopicPartition } from "@org/bus-core";
import type { OwnedPartition } from "@org/bus-core/internal";
import type { Connection } from "../client/connection.js";
import { isRetriable, protocolError, toBusError } from "../client/errors.js";
import type { OffsetsToCommit } from "../group/coordinator.js";

export interface CommitOptions {
  readonly find: (partition: TopicPartition) => OwnedPartition | undefined;
  /** Commits in the generation of the moment, once. */
  readonly commitOnce: (offsets: OffsetsToCommit) => Promise<void>;
  readonly connection: Connection;
}

const TRIES = 5;
/** The group has gone on to the next generation, in which what is still owned can be committed. */
const NEXT_GENERATION = ["ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS"];
const FENCED = ["UNKNOWN_MEMBER_ID", "FENCED_INSTANCE_ID", "STALE_MEMBER_EPOCH"];

/**
 * Commits what is owned in the epoch of its request, and repeats that as long as it is: the broker looks at the generation of a commit and not at
 * who owns the partition.
 *
 * @throws {BusError} `fenced`, or `transport_failed` and the like
 */
export async function commitOffsets(requests: readonly CommitRequest[], { find, commitOnce, connection }: CommitOptions): Promise<void> {
  const commits = requests.flatMap((request) => {
    const owned = find(request);
    return owned?.epoch === request.epoch ? [{ request, owned, turn: ++owned.commits }] : [];
  });
  for (let tries = 0, failures = 0; ; tries++) {
    const owned = commits.filter((commit) => commit.owned.state !== "gone");
    try {
      // a later commit of a partition is not undone by this one
      if (owned.length > 0) await commitOnce(toOffsets(owned.filter((commit) => commit.owned.commits === commit.turn).map(({ request }) => request)));
      const overtaken = requests.filter((request) => !owned.some((commit) => commit.request === request));
      if (overtaken.length > 0) throw fenced(overtaken);
      return;
    } catch (error) {
      if (FENCED.includes(protocolError(error))) throw fenced(requests, error);
      if (!NEXT_GENERATION.includes(protocolError(error)) && (!isRetriable(error) || failures++ === TRIES)) {
        throw toBusError(error, { operation: "commit offsets", principal: connection.principal });
      }
    }
    await connection.backoff.wait(tries);
  }
}

function fenced(requests: readonly CommitRequest[], cause?: unknown): BusError {
  const epochs = [...new Set(requests.map(({ epoch }) => epoch))].join(", ");
  return new BusError("fenced", `epoch ${epochs} is over: the group has moved on, and the offsets were not committed`, { cause });
}

export function toOffsets(requests: readonly CommitRequest[]): OffsetsToCommit {
  const topics = new Map<string, OffsetsToCommit["topics"][number]["partitions"]>();
  for (const { topic, partition, offset, metadata } of requests) {
    const partitions = topics.get(topic) ?? [];
    partitions.push({ partition, offset: String(offset), metadata });
    topics.set(topic, partitions);
  }
  return { topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })) };
}
