import type { TopicDeclaration } from "@org/bus-core";
import { loadContracts } from "../contracts/load-contracts.js";
import { CommandFailure } from "../failure.js";

/** The topics that the .proto files in a folder declare, by name. @throws {CommandFailure} there are none, or something does not compile */
export async function declaredTopics(folder: string, cwd: string): Promise<readonly TopicDeclaration[]> {
  const { plans, files } = await loadContracts(folder, cwd);
  const topics = plans.filter(({ path }) => files.has(path)).flatMap(({ messages }) => messages.flatMap(({ topic }) => topic ?? []));
  if (topics.length === 0) throw new CommandFailure(`no message in ${folder} declares a topic (give one the option (org.bus.v1.topic))`);
  return topics.sort((a, b) => (a.name < b.name ? -1 : 1));
}
