import { join, resolve } from "node:path";
import { writeIfChanged } from "../write-if-changed.js";
import { dashboard } from "./dashboard.js";
import { dashboardNames } from "./dashboard-names.js";
import { declaredTopics } from "./topics.js";

/** What to make dashboards of, and where. Paths are relative to `cwd`. */
export interface DashboardsOptions {
  readonly folder: string;
  readonly out: string;
  readonly cwd: string;
}

/** Writes a dashboard for each team that owns a topic. Resolves with the names of the files. @throws {CommandFailure} */
export async function makeDashboards({ folder, out, cwd }: DashboardsOptions): Promise<readonly string[]> {
  const byTeam = Map.groupBy(await declaredTopics(folder, cwd), ({ owner }) => owner.team);
  const names = dashboardNames([...byTeam.keys()]);
  const files = [...byTeam].map(([team, topics]): [string, string] => {
    const name = names.get(team) ?? team;
    return [`${name}.json`, `${JSON.stringify(dashboard(team, name, topics), undefined, 2)}\n`];
  });
  for (const [name, content] of files) await writeIfChanged(join(resolve(cwd, out), name), content);
  return files.map(([name]) => name);
}
