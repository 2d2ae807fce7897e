import { styleText } from "node:util";
import type { RunningConnector } from "@org/bus-connect";

type Screen = Pick<NodeJS.WriteStream, "isTTY"> & { write(text: string): unknown };

const width = 30;
const everyMs = 100;

/** Shows how far connectors whose sources have an end are, on a terminal only, until the returned function is called. */
export function showProgress(connectors: readonly RunningConnector[], screen: Screen): () => void {
  if (!screen.isTTY) return () => {};
  const draw = () => {
    const text = connectors.flatMap((connector) => progressText(connector) ?? []).join("  ");
    if (text !== "") screen.write(`\r${text}\u001b[K`);
  };
  const timer = setInterval(draw, everyMs);
  return () => {
    clearInterval(timer);
    draw();
    screen.write("\n");
  };
}

/** A bar with its numbers; undefined where the source tells no end. */
export function progressText(connector: Pick<RunningConnector, "name" | "status">): string | undefined {
  const { tasks, past } = connector.status();
  const parts = [past, ...tasks].flatMap(({ progress }) => progress ?? []);
  const [first] = parts;
  if (first === undefined) return undefined;
  const done = parts.reduce((sum, part) => sum + part.done, 0);
  const total = parts.reduce<number | undefined>((sum, part) => (sum === undefined || part.total === undefined ? undefined : sum + part.total), 0);
  const count = `${done.toLocaleString("en")} of ${total?.toLocaleString("en") ?? "?"} ${first.unit}`;
  if (total === undefined) return `${connector.name} ${count}`;
  const filled = total === 0 ? width : Math.min(width, Math.floor((done / total) * width));
  return `${connector.name} ${styleText("cyan", "█".repeat(filled))}${styleText("gray", "░".repeat(width - filled))} ${count}`;
}
