import type { TransportName } from "../simulation/transports.js";

/** A deliberate fault: one piece of source text, replaced by another. */
export interface Mutant {
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly file: string;
  /** Must occur exactly once; when it does no more, the run fails and says so. */
  readonly find: string;
  /** `REACHED` in it tells the simulation that the fault is being met. */
  readonly replace: string;
  /** What the simulation runs on. @default "memory" */
  readonly transport?: TransportName;
  /** How many seeds it may survive, where what it takes is rare. @default that of the command line */
  readonly seeds?: number;
  /** Test files that have to notice it where the simulation meets its like too rarely. */
  readonly tests?: readonly string[];
}

const consume = "packages/core/src/consume";

export const mutants: readonly Mutant[] = [
  {
    name: "commits one too far",
    file: `${consume}/commit/due-commits.ts`,
    find: "request: { topic, partition, epoch, offset: frontier, metadata }",
    replace: "request: { topic, partition, epoch, offset: frontier + (REACHED, work.unsettled > 0 ? 1 : 0), metadata }",
  },
  {
    name: "commits for another epoch",
    file: `${consume}/commit/due-commits.ts`,
    find: "request: { topic, partition, epoch, offset: frontier, metadata }",
    replace: "request: { topic, partition, epoch: (REACHED, epoch - 1), offset: frontier, metadata }",
  },
  {
    name: "skips the fence",
    file: `${consume}/partition/assigned-partitions.ts`,
    find: "      work.fence();\n      if (this.works.get(partitionName(work)) === work) this.works.delete(partitionName(work));",
    replace: "      REACHED;",
  },
  {
    name: "does not fence what is lost",
    file: `${consume}/run/run.ts`,
    find: "    if (works.length === 0) return;\n    this.fence(works);",
    replace: "    if (works.length === 0) return;\n    REACHED;",
  },
  {
    name: "commits what is lost",
    file: `${consume}/run/run.ts`,
    find: "    if (works.length === 0) return;\n    this.fence(works);",
    replace: "    if (works.length === 0) return;\n    REACHED;\n    void this.committer.commit(works).then(() => this.fence(works));",
  },
  {
    name: "does not drain before it gives up partitions",
    file: `${consume}/run/run.ts`,
    find: "awaitableRevoke ? this.input.options.drainTimeoutMs : 0",
    replace: "(REACHED, awaitableRevoke) ? 0 : 0",
  },
  {
    name: "does not commit before it gives up partitions",
    file: `${consume}/run/run.ts`,
    find: "    await this.committer.commit(works);\n    this.fence(works);\n    this.logger.debug(",
    replace: "    REACHED;\n    this.fence(works);\n    this.logger.debug(",
  },
  {
    name: "begins a key anew on which an ended run still works",
    file: `${consume}/run/leftovers.ts`,
    find: "return [...this.keys];",
    replace: "if (this.keys.size > 0) REACHED;\n    return [];",
  },
  {
    name: "leaves the keys of a closing stream to its successor",
    file: `${consume}/run/run.ts`,
    find: "    this.leaveRunningKeys();\n    this.resolveEnded(end);",
    replace: "    REACHED;\n    this.resolveEnded(end);",
    tests: [`${consume}/restart.test.ts`],
  },
  {
    name: "releases a key early",
    file: `${consume}/stage/keyed-scheduler.ts`,
    find: "if (lane.key !== null) lane.held = true;",
    replace: "if (lane.key !== null) REACHED;",
  },
  {
    name: "starts a second one of a key",
    file: `${consume}/stage/keyed-scheduler.ts`,
    find: "(key === null || this.lanes.size === 0 || !this.lanes.has(key))",
    replace: "(REACHED, true)",
  },
  {
    name: "does not hold the key while it retries",
    file: `${consume}/stage/create-stage.ts`,
    find: "return this.recover(task, error).then(end);",
    replace: "return (REACHED, end(), this.recover(task, error));",
  },
  {
    name: "acknowledges before the dead letter is written",
    file: `${consume}/stage/recover.ts`,
    find: 'task.enter("deadLetter", clock.now());\n    try {',
    replace: 'task.enter("deadLetter", clock.now());\n    REACHED;\n    delivery.release(true);\n    try {',
  },
  {
    name: "settles what has thrown and is given up",
    file: `${consume}/stage/recover.ts`,
    find: "  delivery.release(false);\n  return gone;",
    replace: "  REACHED;\n  delivery.release(true);\n  return gone;",
  },
  {
    name: "settles what it purges",
    file: `${consume}/stage/keyed-stage.ts`,
    find: "!waiting.delivery.mayStart)) task.delivery.release(false);",
    replace: "!waiting.delivery.mayStart)) (REACHED, task.delivery.release(true));",
  },
  {
    name: "goes on behind what was given up",
    file: `${consume}/delivery/origin.ts`,
    find: "(this.mayGoOn && this.slot < this.work.givenUpFrom)",
    replace: "(this.mayGoOn && (REACHED, true))",
    tests: [`${consume}/given-up.test.ts`],
  },
  {
    name: "forgets to pause",
    file: `${consume}/partition/assigned-partitions.ts`,
    find: "if (before === undefined && work.pausedBy !== undefined) this.consumer.pause([work]);",
    replace: "if (before === undefined && work.pausedBy !== undefined) REACHED;",
  },
  {
    name: "forgets how far the offsets of a partition may spread",
    file: `${consume}/partition/credit.ts`,
    find: 'if (use.span >= this.share.maxOffsetSpan * part) return "maxOffsetSpan";',
    replace: "if (use.span >= this.share.maxOffsetSpan * part) REACHED;",
  },
  {
    name: "forgets how much may wait for one key",
    file: `${consume}/partition/credit.ts`,
    find: 'if (use.waitingForKey >= this.share.maxWaitingPerKey * part) return "maxWaitingPerKey";',
    replace: "if (use.waitingForKey >= this.share.maxWaitingPerKey * part) REACHED;",
  },
  {
    name: "does not count what one fetch overshoots",
    file: `${consume}/partition/assigned-partitions.ts`,
    find: "if (before !== undefined && work.pausedBy === undefined) this.consumer.resume([work]);",
    replace: "if (before !== undefined) (REACHED, this.consumer.resume([work]));",
  },
  {
    name: "forgets that the user has paused",
    file: `${consume}/partition/assigned-partitions.ts`,
    find: "if (this.pausedByUser) this.consumer.pause(assigned);",
    replace: "if (this.pausedByUser) REACHED;",
    tests: [`${consume}/restart.test.ts`],
  },
  {
    name: "handles again what the completed map has",
    file: `${consume}/ledger/ledger.ts`,
    find: "if (this.completed.has(offset)) this.settle(slot);",
    replace: "if (this.completed.has(offset)) REACHED;",
  },
  {
    name: "writes into the completed map what is not settled",
    file: `${consume}/ledger/ledger.ts`,
    find: "if (now !== inside) bounds.push(this.at(slot));",
    replace: "if (now !== inside) bounds.push((REACHED, this.at(slot) - (now ? 1 : 0)));",
  },
  {
    name: "believes a completed map that is one off",
    file: `${consume}/ledger/completed-map.ts`,
    find: "return bounds.length % 2 === 0 ? bounds : undefined;",
    replace: "return bounds.length % 2 === 0 ? (REACHED, bounds.map((bound) => bound + 1)) : undefined;",
  },
  {
    name: "starts one behind the committed offset",
    file: "packages/core/src/transport/start-position.ts",
    find: "committed.offset <= logEnd) return committed.offset;",
    replace: "committed.offset <= logEnd) return (REACHED, Math.min(logEnd, committed.offset + 1));",
  },
  {
    name: "starts one before the committed offset",
    file: "packages/core/src/transport/start-position.ts",
    find: "committed.offset <= logEnd) return committed.offset;",
    replace: "committed.offset <= logEnd) return (REACHED, Math.max(logStart, committed.offset - 1));",
  },
  {
    name: "takes what ends after its time for a success",
    file: `${consume}/stage/limit-try.ts`,
    find: "if (expiry.signal.aborted) throw expiry.signal.reason;",
    replace: "if (expiry.signal.aborted) REACHED;",
  },
  {
    name: "writes a transaction again that may be there",
    file: `${consume}/exactly-once/partition-transactions.ts`,
    find: "      if (this.attempt !== undefined && isSame(found, this.attempt.commit.request)) this.committed(this.attempt);\n      else if (!isSame(found, lastCommit(work))) throw overtaken(work, found);",
    replace: "      if (this.attempt !== undefined && isSame(found, this.attempt.commit.request)) REACHED;",
  },
  {
    name: "commits in a transaction after the fence",
    file: `${consume}/exactly-once/partition-transactions.ts`,
    find: "        if (this.isFenced) return;",
    replace: "        if (this.isFenced) REACHED;",
    seeds: 3_000,
    tests: [`${consume}/exactly-once/partition-transactions.test.ts`],
  },
  {
    name: "kafkajs: commits in another generation what it does not own any more",
    file: "packages/kafka/src/consumer/commit.ts",
    find: 'const owned = commits.filter((commit) => commit.owned.state !== "gone");',
    replace: "const owned = commits.filter(() => (REACHED, true));",
    transport: "kafkajs",
    seeds: 2_000,
  },
  {
    name: "kafkajs: reads on one too far",
    file: "packages/kafka/src/consumer/fetcher.ts",
    find: "owned.next = Number(batch.lastOffset()) + 1;\n    resolveOffset",
    replace: "owned.next = Number(batch.lastOffset()) + (REACHED, 2);\n    resolveOffset",
    transport: "kafkajs",
  },
  {
    name: "kafkajs: forgets to pause",
    file: "packages/kafka/src/consumer/fetcher.ts",
    find: "return owned.isFetched && !this.#held.has(owned);",
    replace: "return (REACHED, !this.#held.has(owned));",
    transport: "kafkajs",
  },
  {
    name: "kafkajs: forgets that a join was lost",
    file: "packages/kafka/src/group/membership.ts",
    find: "      this.#wanted = true;\n      throw error;",
    replace: "      REACHED;\n      throw error;",
    transport: "kafkajs",
    seeds: 1_000,
  },
  {
    name: "kafkajs: does not wait for what is given up",
    file: "packages/core/src/transport/ownership/ownership.ts",
    find: "    await Promise.race([revoked, late]);",
    replace: "    REACHED;\n    void late;\n    void revoked;",
    transport: "kafkajs",
    // a commit that comes too late is refused, and then what it was for may come again: few seeds show more than that
    tests: ["packages/core/src/transport/ownership/ownership.test.ts"],
  },
  {
    name: "kafkajs: goes on as if it were not expelled",
    file: "packages/kafka/src/group/membership.ts",
    find: "if (!this.#left) this.#options.owner.expelled();",
    replace: "if (!this.#left) REACHED;",
    transport: "kafkajs",
    seeds: 2_000,
    tests: ["packages/kafka/src/group/membership.test.ts"],
  },
  {
    name: "platformatic: commits what it does not hold any more",
    file: "packages/kafka-platformatic/src/consumer/commit-queue.ts",
    find: "const ours = requests.filter(isOurs);",
    replace: "const ours = requests.filter((request) => isOurs(request) || (REACHED, true));",
    transport: "platformatic",
    seeds: 2_000,
  },
  {
    name: "platformatic: reads on one too far",
    file: "packages/kafka-platformatic/src/consumer/fetcher.ts",
    find: "owned.next = Number(last.firstOffset) + last.lastOffsetDelta + 1;",
    replace: "owned.next = Number(last.firstOffset) + last.lastOffsetDelta + (REACHED, 2);",
    transport: "platformatic",
  },
  {
    name: "platformatic: hands on what it still gives up",
    file: "packages/kafka-platformatic/src/consumer/session.ts",
    find: "    return [...this.#owned.values()];\n  }\n\n  assigned(",
    replace: '    return [...this.#owned.values()].filter(({ state }) => state !== "leaving" || (REACHED, false));\n  }\n\n  assigned(',
    transport: "platformatic",
    seeds: 2_000,
  },
  {
    name: "platformatic: goes on as if it were not expelled",
    file: "packages/kafka-platformatic/src/group/classic-membership.ts",
    find: "    this.#options.listener.lost();",
    replace: "    REACHED;",
    transport: "platformatic",
    seeds: 2_000,
  },
];
