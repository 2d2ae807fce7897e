import { BusError } from "../../errors.js";
import type { Logger } from "../../logger.js";
import type { StreamMetrics } from "../../metrics/stream-metrics.js";
import { partitionName } from "../../transport/record.js";
import type { AssignedPartition, CommitRequest, TransportConsumer } from "../../transport/transport.js";
import type { CommitCuts } from "../options.js";
import type { PartitionWork } from "../partition/partition-work.js";
import { DueCommits, noteCommitted } from "./due-commits.js";
import type { OffsetCommitter } from "./offset-committer.js";

/** Commits what is settled: one commit at a time, each with the epoch of its partition and, in its metadata, the map of what is settled beyond it. */
export class Committer implements OffsetCommitter {
  private last: Promise<void> = Promise.resolve();
  private readonly due: DueCommits;

  /** @param onCeiling the ceiling of a partition has changed */
  constructor(
    private readonly consumer: Pick<TransportConsumer, "commit">,
    private readonly logger: Logger,
    onCeiling: (work: PartitionWork) => void = () => {},
    cuts?: CommitCuts,
    private readonly metrics?: StreamMetrics,
  ) {
    this.due = new DueCommits(onCeiling, cuts);
  }

  async takeOver(assigned: readonly AssignedPartition[]): Promise<readonly AssignedPartition[]> {
    return assigned;
  }

  begin(): void {}

  commit(works: readonly PartitionWork[]): Promise<void> {
    this.last = this.last.then(() => this.write(works));
    return this.last;
  }

  release(): void {}

  async close(): Promise<void> {}

  private async write(works: readonly PartitionWork[]): Promise<void> {
    const due = works.flatMap((work) => this.due.of(work) ?? []);
    if (due.length === 0) return;
    const requests = due.map(({ request }) => request);
    const since = this.metrics?.begin() ?? 0;
    try {
      await this.consumer.commit(requests).catch((error: unknown) => this.commitPlain(requests, error));
    } catch (error) {
      const failure = BusError.from(error, "transport_failed");
      this.metrics?.committed(since, failure);
      const fields = { partitions: requests.map(partitionName), error: failure.message };
      // after a rebalance the new owner commits; nothing is wrong
      if (failure.code === "fenced") this.logger.debug(fields, "a commit came too late");
      else this.logger.warn(fields, "a commit failed; the next one will make up for it");
      return;
    }
    this.metrics?.committed(since);
    for (const commit of due) noteCommitted(commit);
  }

  /** A commit must not fail because of its metadata: what was refused for good is tried without. */
  private async commitPlain(requests: readonly CommitRequest[], error: unknown): Promise<void> {
    const { code, retryable, message } = BusError.from(error, "transport_failed");
    if (retryable || code === "fenced" || requests.every(({ metadata }) => metadata === "")) throw error;
    await this.consumer.commit(requests.map((request) => ({ ...request, metadata: "" })));
    this.due.withoutMaps = true;
    this.logger.warn({ error: message }, "the cluster refused the metadata of a commit; from now on a restart repeats what is settled beyond it");
  }
}
