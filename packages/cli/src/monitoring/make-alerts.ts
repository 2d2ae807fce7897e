import { stringify } from "yaml";
import { alertRules, connectorRules } from "./alert-rules.js";
import { declaredTopics } from "./topics.js";

/** What to make alerts of. Paths are relative to `cwd`. */
export interface AlertsOptions {
  readonly folder: string;
  readonly runbook: string;
  readonly cwd: string;
}

/** A file of rules for Prometheus: a group for each topic that the .proto files in a folder declare, and one for connectors. @throws {CommandFailure} */
export async function makeAlerts({ folder, runbook, cwd }: AlertsOptions): Promise<{ readonly rules: string; readonly topics: number }> {
  const topics = await declaredTopics(folder, cwd);
  const groups = [
    ...topics.map((topic) => ({ name: `bus: ${topic.name}`, rules: alertRules(topic, runbook) })),
    { name: "bus: connectors", rules: connectorRules(runbook) },
  ];
  return { rules: `# made by bus alerts generate; changes are overwritten\n${stringify({ groups }, { lineWidth: 0 })}`, topics: topics.length };
}
