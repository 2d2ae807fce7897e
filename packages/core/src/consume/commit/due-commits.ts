import type { CommitRequest } from "../../transport/transport.js";
import { encodeCompletedMap } from "../ledger/completed-map.js";
import type { CommitCuts } from "../options.js";
import type { PartitionWork } from "../partition/partition-work.js";

/** What brokers take by default (`offset.metadata.max.bytes`), in characters. */
const maxMetadataLength = 4_096;
/** From here on only what lies below the highest settled offset is begun, so that the map cannot outgrow the metadata. */
const tightMetadataLength = maxMetadataLength * 0.75;

/** What is to be committed of a partition. */
export interface DueCommit {
  readonly work: PartitionWork;
  readonly request: CommitRequest;
  /** It covers all that is settled; else only what lies below its offset, because the rest cannot be told. */
  readonly isWhole: boolean;
  /** `ledger.changes` at that time. */
  readonly changes: number;
  /** Spans that were held at that time. */
  readonly heldSpans: number;
}

/** Finds out what is to be committed, and how full the metadata of commits becomes. */
export class DueCommits {
  /** The log keeps no metadata, or less than is usual. */
  withoutMaps: boolean;

  /** @param onCeiling the ceiling of a partition has changed */
  constructor(
    private readonly onCeiling: (work: PartitionWork) => void,
    private readonly cuts?: CommitCuts,
  ) {
    this.withoutMaps = cuts !== undefined;
  }

  /** undefined when nothing has changed since the last commit. */
  of(work: PartitionWork): DueCommit | undefined {
    const { topic, partition, epoch, ledger, committed } = work;
    const { changes } = ledger;
    const frontier = this.cuts === undefined ? ledger.frontier : this.cuts.at(ledger.frontier);
    const advanced = hasAdvanced(work, frontier);
    if (work.state === "fenced" || (!advanced && changes === work.committedChanges)) return undefined;
    const { metadata, isWhole: isTold } = this.metadataOf(work);
    // what is settled behind a cut comes again
    const isWhole = isTold && frontier === ledger.frontier;
    if (!advanced && (metadata === work.committedMetadata || (metadata === "" && committed === undefined))) return undefined;
    work.uncommitted.committing(ledger.headTimestamp);
    return { work, request: { topic, partition, epoch, offset: frontier, metadata }, isWhole, changes, heldSpans: work.spans.length };
  }

  private metadataOf(work: PartitionWork): { readonly metadata: string; readonly isWhole: boolean } {
    const bounds = work.ledger.settledBounds();
    const end = bounds.at(-1);
    if (end === undefined) {
      this.setCeiling(work, undefined);
      return { metadata: "", isWhole: true };
    }
    if (this.withoutMaps) return { metadata: "", isWhole: false };
    const map = encodeCompletedMap(work.ledger.frontier, bounds);
    const length = map?.length ?? Number.POSITIVE_INFINITY;
    this.setCeiling(work, length > tightMetadataLength ? end - 1 : undefined);
    return map === undefined || length > maxMetadataLength ? { metadata: "", isWhole: false } : { metadata: map, isWhole: true };
  }

  private setCeiling(work: PartitionWork, ceiling: number | undefined): void {
    if (ceiling === work.ceiling) return;
    work.ceiling = ceiling;
    this.onCeiling(work);
  }
}

/** Without a commit so far, a start past the beginning of the log (`from: "latest"`) is committed too: a restart must not skip what comes until then. */
function hasAdvanced({ committed, logStart }: PartitionWork, frontier: number): boolean {
  return committed === undefined ? frontier > logStart : frontier !== committed;
}

/** The commit is acknowledged. */
export function noteCommitted({ work, request, changes, isWhole, heldSpans }: DueCommit): void {
  work.committed = request.offset;
  work.committedMetadata = request.metadata;
  work.committedChanges = changes;
  work.spans.committed(heldSpans, request.offset, isWhole);
  work.uncommitted.committed();
}
