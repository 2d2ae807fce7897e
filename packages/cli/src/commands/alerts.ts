import { resolve } from "node:path";
import type { Command } from "commander";
import { makeAlerts } from "../monitoring/make-alerts.js";
import type { Terminal } from "../terminal.js";
import { writeIfChanged } from "../write-if-changed.js";

interface AlertsCommandOptions {
  readonly out?: string;
  readonly runbook: string;
  readonly json?: true;
}

/** `bus alerts` */
export function addAlertsCommand(program: Command, terminal: Terminal): void {
  const alerts = program.command("alerts").summary("make alerts of contracts").description("Alerts for the topics that .proto files declare.");
  alerts
    .command("generate")
    .summary("write rules for Prometheus")
    .description(
      "Writes rules for Prometheus: for each topic, that its consumers are late, do not move or have stopped, that messages become dead letters or are\n" +
        "refused, that its partitions are uneven and that its groups rebalance without end. Each alert has the team and the channel of its topic as labels.",
    )
    .argument("[dir]", "folder of the .proto files", "proto")
    .option("--out <file>", "where to write; without it the rules are printed")
    .option("--runbook <url>", "page with a section for each alert", "docs/runbook.md")
    .option("--json", "print what was done as JSON")
    .action(async (folder: string, { out, runbook, json }: AlertsCommandOptions) => {
      const { rules, topics } = await makeAlerts({ folder, runbook, cwd: process.cwd() });
      if (out === undefined) return terminal.out(json ? JSON.stringify({ topics, rules }) : rules.trimEnd());
      const written = await writeIfChanged(resolve(out), rules);
      terminal.out(json ? JSON.stringify({ out, topics, written }) : `${out}: alerts of ${topics} topics${written ? "" : " (unchanged)"}`);
    });
}
