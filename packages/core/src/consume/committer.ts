import { BusError } from "../errors.js";
import type { Logger } from "../logger.js";
import type { CommitRequest, TransportConsumer } from "../transport/transport.js";
import { encodeCompletedMap } from "./completed-map.js";
import type { PartitionWork } from "./partition-work.js";

/** What brokers take by default (`offset.metadata.max.bytes`), in characters. */
const maxMetadataLength = 4_096;
/** From here on only what lies below the highest settled offset is begun, so that the map cannot outgrow the metadata. */
const tightMetadataLength = maxMetadataLength * 0.75;

/** Commits what is settled: one commit at a time, each with the epoch of its partition and, in its metadata, the map of what is settled beyond it. */
export class Committer {
  private last: Promise<void> = Promise.resolve();
  /** The cluster takes less metadata than is usual. */
  private withoutMaps = false;

  /** @param onCeiling the ceiling of a partition has changed */
  constructor(
    private readonly consumer: Pick<TransportConsumer, "commit">,
    private readonly logger: Logger,
    private readonly onCeiling: (work: PartitionWork) => void = () => {},
  ) {}

  /** Commits those of `works` that have advanced. Never rejects: what could not be committed now is tried with the next commit. */
  commit(works: readonly PartitionWork[]): Promise<void> {
    this.last = this.last.then(() => this.write(works));
    return this.last;
  }

  private async write(works: readonly PartitionWork[]): Promise<void> {
    const due = works.flatMap((work) => this.dueOf(work));
    if (due.length === 0) return;
    const requests = due.map(({ request }) => request);
    try {
      await this.consumer.commit(requests).catch((error: unknown) => this.commitPlain(requests, error));
    } catch (error) {
      const failure = BusError.from(error, "transport_failed");
      const fields = { partitions: requests.map(({ topic, partition }) => `${topic}[${partition}]`), error: failure.message };
      // after a rebalance the new owner commits; nothing is wrong
      if (failure.code === "fenced") this.logger.debug(fields, "a commit came too late");
      else this.logger.warn(fields, "a commit failed; the next one will make up for it");
      return;
    }
    for (const { work, request, changes } of due) {
      work.committed = request.offset;
      work.committedMetadata = request.metadata;
      work.committedChanges = changes;
    }
  }

  /** A commit must not fail because of its metadata: what was refused for good is tried without. */
  private async commitPlain(requests: readonly CommitRequest[], error: unknown): Promise<void> {
    const { code, retryable, message } = BusError.from(error, "transport_failed");
    if (retryable || code === "fenced" || requests.every(({ metadata }) => metadata === "")) throw error;
    await this.consumer.commit(requests.map((request) => ({ ...request, metadata: "" })));
    this.withoutMaps = true;
    this.logger.warn({ error: message }, "the cluster refused the metadata of a commit; from now on a restart repeats what is settled beyond it");
  }

  private dueOf(work: PartitionWork): readonly { readonly work: PartitionWork; readonly request: CommitRequest; readonly changes: number }[] {
    const { topic, partition, epoch, ledger, committed } = work;
    const { frontier, changes } = ledger;
    if (work.state === "fenced" || (!hasAdvanced(work) && changes === work.committedChanges)) return [];
    const metadata = this.metadataOf(work);
    if (!hasAdvanced(work) && (metadata === work.committedMetadata || (metadata === "" && committed === undefined))) return [];
    return [{ work, request: { topic, partition, epoch, offset: frontier, metadata }, changes }];
  }

  private metadataOf(work: PartitionWork): string {
    if (this.withoutMaps) return "";
    const { frontier } = work.ledger;
    const bounds = work.ledger.settledBounds();
    const end = bounds.at(-1);
    const map = end === undefined ? "" : encodeCompletedMap(frontier, bounds);
    const length = map?.length ?? Number.POSITIVE_INFINITY;
    const ceiling = end !== undefined && length > tightMetadataLength ? end - 1 : undefined;
    if (ceiling !== work.ceiling) {
      work.ceiling = ceiling;
      this.onCeiling(work);
    }
    return map !== undefined && length <= maxMetadataLength ? map : "";
  }
}

/** Without a commit so far, a start past the beginning of the log (`from: "latest"`) is committed too: a restart must not skip what comes until then. */
function hasAdvanced({ ledger, committed, logStart }: PartitionWork): boolean {
  return committed === undefined ? ledger.frontier > logStart : ledger.frontier !== committed;
}
