import type { ConnectorStatus, SplitStatus } from "@org/bus-connect";
import type { Command } from "commander";
import { askAdmin } from "../../connect/admin/ask-admin.js";
import { parseChange } from "../../connect/admin/parse-change.js";
import { statusText } from "../../connect/status-text.js";
import { CommandFailure } from "../../failure.js";
import type { Terminal } from "../../terminal.js";
import { each, httpUrl } from "./arguments.js";

interface Where {
  readonly url: string;
}

const actions = {
  pause: "read no more; what is in flight is written",
  resume: "read on",
  stop: "finish what is being written, store positions, and wait for a restart",
  restart: "begin anew where the positions say",
} as const;

/** `bus connect status`, `pause`, `resume`, `stop`, `restart`, `positions`: what the admin API of a running process can do. */
export function addAdminCommands(connect: Command, terminal: Terminal): void {
  const command = (name: string, summary: string) =>
    connect
      .command(name)
      .summary(summary)
      .description(
        `${summary[0]?.toUpperCase()}${summary.slice(1)}. Asks the admin API of a running bus connect run, with BUS_ADMIN_TOKEN where it is set.`,
      )
      .option("--url <url>", "where it listens", httpUrl, "http://127.0.0.1:8083");

  command("status", "how the connectors of a process are")
    .option("--json", "print it as JSON")
    .action(async ({ url, json }: Where & { readonly json?: true }) => {
      const connectors = await askAdmin<readonly ConnectorStatus[]>(url, "/connectors");
      terminal.out(json ? JSON.stringify(connectors) : statusText(connectors, Date.now()));
      const ill = connectors.filter(({ healthy }) => !healthy).map(({ name }) => name);
      if (ill.length > 0) throw new CommandFailure(`not healthy: ${ill.join(", ")}`);
    });

  for (const [action, summary] of Object.entries(actions)) {
    const added = command(action, summary).argument("<name>", "the connector");
    if (action === "restart") added.option("--task <id>", "one task only");
    added.action(async (name: string, { url, task }: Where & { readonly task?: string }) => {
      const path = `/connectors/${encodeURIComponent(name)}${task === undefined ? "" : `/tasks/${encodeURIComponent(task)}`}/${action}`;
      terminal.out(statusText([await askAdmin<ConnectorStatus>(url, path, { method: "POST" })], Date.now()));
    });
  }

  command("positions", "where the splits of a connector stand")
    .argument("<name>", "the connector")
    .option(
      "--set <split=position>",
      "let a split go on elsewhere, by a position as JSON; null: at its beginning. Only while it is stopped; may be given several times",
      each,
    )
    .action(async (name: string, { url, set = [] }: Where & { readonly set?: readonly string[] }) => {
      const path = `/connectors/${encodeURIComponent(name)}/positions`;
      for (const { split, position } of set.map(parseChange)) {
        await askAdmin(url, `${path}/${encodeURIComponent(split)}`, { method: "PUT", body: { position } });
      }
      for (const { split, position, records, lag } of await askAdmin<readonly SplitStatus[]>(url, path)) {
        terminal.out(JSON.stringify({ split, position, records, lag }));
      }
    });
}
