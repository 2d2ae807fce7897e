import { BusError } from "../errors.js";
import type { Logger } from "../logger.js";
import type { CommitRequest, TransportConsumer } from "../transport/transport.js";
import type { PartitionWork } from "./partition-work.js";

/** Commits what is settled: one commit at a time, each with the epoch of its partition. */
export class Committer {
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly consumer: Pick<TransportConsumer, "commit">,
    private readonly logger: Logger,
  ) {}

  /** Commits those of `works` that have advanced. Never rejects: what could not be committed now is tried with the next commit. */
  commit(works: readonly PartitionWork[]): Promise<void> {
    this.last = this.last.then(() => this.write(works));
    return this.last;
  }

  private async write(works: readonly PartitionWork[]): Promise<void> {
    const advanced = works.filter((work) => work.state !== "fenced" && hasAdvanced(work));
    if (advanced.length === 0) return;
    const requests = advanced.map(commitRequest);
    try {
      await this.consumer.commit(requests);
    } catch (error) {
      const failure = BusError.from(error, "transport_failed");
      const fields = { partitions: requests.map(({ topic, partition }) => `${topic}[${partition}]`), error: failure.message };
      // after a rebalance the new owner commits; nothing is wrong
      if (failure.code === "fenced") this.logger.debug(fields, "a commit came too late");
      else this.logger.warn(fields, "a commit failed; the next one will make up for it");
      return;
    }
    for (const [index, work] of advanced.entries()) work.committed = requests[index]?.offset;
  }
}

/** Without a commit so far, a start past the beginning of the log (`from: "latest"`) is committed too: a restart must not skip what comes until then. */
function hasAdvanced({ ledger, committed, logStart }: PartitionWork): boolean {
  return committed === undefined ? ledger.frontier > logStart : ledger.frontier !== committed;
}

function commitRequest({ topic, partition, epoch, ledger }: PartitionWork): CommitRequest {
  return { topic, partition, epoch, offset: ledger.frontier, metadata: "" };
}
