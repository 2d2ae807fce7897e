import { BusError, type CommitRequest } from "@org/bus-core";
import type { Connection } from "../client/connection.js";
import { isRetriable, protocolError, toBusError } from "../client/errors.js";
import type { Assignment } from "./assignment.js";

export interface OffsetsToCommit {
  readonly topics: { topic: string; partitions: { partition: number; offset: string; metadata: string }[] }[];
}

/** Sends one commit, in the generation of the moment of the call. */
export type CommitOnce = (offsets: OffsetsToCommit) => Promise<void>;

const TRIES = 5;
const FENCED = ["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS", "FENCED_INSTANCE_ID", "STALE_MEMBER_EPOCH"];

/**
 * Commits what belongs to `assignment`, and repeats that while it is still the assignment of the member: kafkajs stamps a commit with the generation
 * of the moment, and the broker does not check who owns a partition.
 *
 * @throws {BusError} `fenced`, or `transport_failed` and the like
 */
export async function commitOffsets(
  requests: readonly CommitRequest[],
  assignment: Assignment | undefined,
  commitOnce: CommitOnce,
  { principal, backoff }: Connection,
): Promise<void> {
  const commits = requests.flatMap((request) => {
    const owned = assignment?.find(request);
    return owned?.epoch === request.epoch ? [{ request, owned, turn: ++owned.commits }] : [];
  });
  if (commits.length === 0 || assignment === undefined) return;
  for (let tries = 0; ; tries++) {
    try {
      // a later commit of a partition is not undone by this one
      return await commitOnce(toOffsets(commits.filter(({ owned, turn }) => owned.commits === turn).map(({ request }) => request)));
    } catch (error) {
      if (FENCED.includes(protocolError(error))) throw fenced(assignment, error);
      if (!isRetriable(error) || tries === TRIES) throw toBusError(error, { operation: "commit offsets", principal });
    }
    await backoff.wait(tries);
    if (assignment.over) throw fenced(assignment);
  }
}

function fenced({ epoch }: Assignment, cause?: unknown): BusError {
  return new BusError("fenced", `epoch ${epoch} is over: the group has moved on, and the offsets were not committed`, { cause });
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
