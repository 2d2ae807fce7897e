import type { TopicCleanup, TopicDescription, TopicSpec } from "@org/bus-core";
import type { ClusterClient } from "../client/cluster-client.js";
import { check } from "../client/faults.js";
import type { TopicLayout } from "../client/layout.js";
import type { Arguments } from "../client/requests.js";

const TOPIC = 2;
const DEFAULT_OF_CLUSTER = -1;

/** @throws {ConnectionFault | ProtocolFault} */
export async function describeConfigs(client: ClusterClient, topics: readonly TopicLayout[]): Promise<ReadonlyMap<string, TopicDescription>> {
  if (topics.length === 0) return new Map();
  const configurationKeys = ["cleanup.policy", "retention.ms"];
  const resources = topics.map(({ name }) => ({ resourceType: TOPIC, resourceName: name, configurationKeys }) as const);
  const { results } = await client.request({ broker: "any" }, "DescribeConfigs", resources, false, false);
  const descriptions = new Map<string, TopicDescription>();
  for (const { name, leaders } of topics) {
    const result = results.find(({ resourceName }) => resourceName === name);
    if (result === undefined) continue;
    check(result.errorCode, result.errorMessage);
    const entries = new Map(result.configs.map((config) => [config.name, config.value]));
    const cleanup = cleanupOf(entries.get("cleanup.policy") ?? "");
    descriptions.set(name, { name, partitions: leaders.length, cleanup, retentionMs: Number(entries.get("retention.ms") ?? -1) });
  }
  return descriptions;
}

function cleanupOf(policy: string): TopicCleanup {
  if (!policy.includes("compact")) return "delete";
  return policy.includes("delete") ? "compact,delete" : "compact";
}

export function topicToCreate(spec: TopicSpec): Arguments<"CreateTopics">[0][number] {
  const { name, partitions, cleanup, retentionMs, maxMessageBytes, replicationFactor = DEFAULT_OF_CLUSTER } = spec;
  const configs = [{ name: "cleanup.policy", value: cleanup as string }];
  if (retentionMs !== undefined) configs.push({ name: "retention.ms", value: String(retentionMs) });
  if (maxMessageBytes !== undefined) configs.push({ name: "max.message.bytes", value: String(maxMessageBytes) });
  return { name, numPartitions: partitions, replicationFactor, assignments: [], configs };
}
