import type { BusTopics } from "./bus.js";
import type { AnyContract, TopicDeclaration } from "./contract/contract.js";
import { topicOf } from "./contract/topic-of.js";
import { BusError } from "./errors.js";
import type { Logger } from "./logger.js";
import { ensurePartitions } from "./transport/ensure-partitions.js";
import type { TopicDescription, TopicSpec, TransportAdmin } from "./transport/transport.js";

export interface TopicsDeps {
  readonly admin: TransportAdmin;
  readonly logger: Logger;
  /** Told of every topic that may have changed. */
  readonly changed: (topic: string) => void;
}

/** Makes the topics of a cluster what their contracts say. Several processes may do that at once. */
export function createTopics(deps: TopicsDeps): BusTopics {
  return { ensure: (contracts) => ensureTopics(deps, contracts) };
}

async function ensureTopics({ admin, logger, changed }: TopicsDeps, contracts: readonly AnyContract[]): Promise<void> {
  const declared = declarations(contracts);
  const names = [...declared.keys()];
  const existing = await admin.describeTopics(names);
  refuseConflicts(declared, existing);

  const missing = [...declared.values()].filter((topic) => !existing.has(topic.name));
  if (missing.length > 0) await admin.createTopics(missing.map(topicSpec));
  // another process may have created them meanwhile, otherwise
  const present = missing.length > 0 ? await admin.describeTopics(names) : existing;
  refuseConflicts(declared, present);

  for (const topic of declared.values()) {
    const partitions = present.get(topic.name)?.partitions ?? topic.partitions;
    if (partitions < topic.partitions) {
      logger.warn({ topic: topic.name, from: partitions, to: topic.partitions }, "adding partitions: keys move to other partitions");
      await ensurePartitions(admin, topic.name, topic.partitions);
    }
    changed(topic.name);
  }
}

function declarations(contracts: readonly AnyContract[]): Map<string, TopicDeclaration> {
  return new Map(contracts.map(topicOf).map((topic) => [topic.name, topic]));
}

function topicSpec({ name, partitions, cleanup, retentionMs }: TopicDeclaration): TopicSpec {
  return { name, partitions, cleanup, ...(retentionMs === undefined ? {} : { retentionMs }) };
}

/** @throws {BusError} `topic_conflict` with every difference of every topic that is not changed in silence */
function refuseConflicts(declared: ReadonlyMap<string, TopicDeclaration>, existing: ReadonlyMap<string, TopicDescription>): void {
  const conflicts: string[] = [];
  for (const [name, topic] of declared) {
    const found = existing.get(name);
    if (found !== undefined) conflicts.push(...differences(topic, found).map((difference) => `${name}: ${difference}`));
  }
  if (conflicts.length === 0) return;
  throw new BusError("topic_conflict", `${conflicts.join("; ")}; change the contract, or the topic by hand`, { details: { conflicts } });
}

function differences(declared: TopicDeclaration, found: TopicDescription): string[] {
  const list: string[] = [];
  if (found.partitions > declared.partitions) {
    list.push(`has ${found.partitions} partitions and the contract says ${declared.partitions}, but partitions cannot be taken away`);
  }
  if (found.cleanup !== declared.cleanup) list.push(`has cleanup ${found.cleanup} and the contract says ${declared.cleanup}`);
  if (declared.retentionMs !== undefined && found.retentionMs !== declared.retentionMs) {
    list.push(`has a retention of ${found.retentionMs} ms and the contract says ${declared.retentionMs} ms`);
  }
  return list;
}
