import type { Command } from "commander";
import { makeDashboards } from "../monitoring/make-dashboards.js";
import type { Terminal } from "../terminal.js";

interface DashboardsCommandOptions {
  readonly out: string;
  readonly json?: true;
}

/** `bus dashboards` */
export function addDashboardsCommand(program: Command, terminal: Terminal): void {
  const dashboards = program
    .command("dashboards")
    .summary("make dashboards of contracts")
    .description("Dashboards for the topics that .proto files declare.");
  dashboards
    .command("generate")
    .summary("write dashboards for Grafana")
    .description("Writes a dashboard for each team that owns a topic, as JSON that Grafana imports.")
    .argument("[dir]", "folder of the .proto files", "proto")
    .option("--out <dir>", "folder for the dashboards", "dashboards")
    .option("--json", "print what was done as JSON")
    .action(async (folder: string, { out, json }: DashboardsCommandOptions) => {
      const files = await makeDashboards({ folder, out, cwd: process.cwd() });
      terminal.out(json ? JSON.stringify({ out, files }) : `${out}: ${files.join(", ")}`);
    });
}
