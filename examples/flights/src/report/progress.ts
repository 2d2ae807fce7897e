import { styleText } from "node:util";
import type { RunningConnector } from "@org/bus-connect";

type Screen = Pick<NodeJS.WriteStream, "isTTY"> & { write(text: string): unknown };

const width = 30;
const redrawEveryMs = 100;

/** How many records a connector has written. */
export function recordsWritten(connector: RunningConnector): number {
  return connector.status().tasks.reduce((sum, { written }) => sum + written, 0);
}

/** Shows how far both connectors are until the returned function is called: a bar on a terminal, a line each quarter elsewhere. */
export function showProgress(toTopic: RunningConnector, toTable: RunningConnector, total: number, out: Screen): () => void {
  let nextQuarter = 1;
  const draw = () => {
    const [published, counted] = [recordsWritten(toTopic), recordsWritten(toTable)];
    if (out.isTTY) out.write(`\r${bar(published, counted, total)} ${published} published, ${counted} counted, of ${total} `);
    for (; !out.isTTY && nextQuarter <= 4 && counted >= Math.ceil((total * nextQuarter) / 4); nextQuarter += 1) {
      out.write(`counted ${Math.ceil((total * nextQuarter) / 4)} of ${total}\n`);
    }
  };
  const timer = setInterval(draw, redrawEveryMs);
  return () => {
    clearInterval(timer);
    draw();
    if (out.isTTY) out.write("\n");
  };
}

function bar(published: number, counted: number, total: number): string {
  const cells = (done: number) => Math.min(width, Math.floor((done / total) * width));
  const full = cells(counted);
  const half = Math.max(0, cells(published) - full);
  return styleText("cyan", "█".repeat(full)) + styleText("cyan", "▒".repeat(half)) + styleText("gray", "░".repeat(width - full - half));
}
