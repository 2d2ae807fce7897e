import { styleText } from "node:util";

/** What has been assessed, and a word at every change. */
interface Progress {
  readonly processed: number;
  readonly changes: {
    on(event: "change", listener: () => void): unknown;
    off(event: "change", listener: () => void): unknown;
  };
}

type Screen = Pick<NodeJS.WriteStream, "isTTY"> & { write(text: string): unknown };

const width = 40;
const redrawEveryMs = 50;

/** Shows how many of `total` quakes are assessed until the returned function is called: a bar on a terminal, a line each quarter elsewhere. */
export function showProgress(watch: Progress, total: number, out: Screen): () => void {
  const show = out.isTTY ? bar(total, out) : quarters(total, out);
  const onChange = () => show(watch.processed);
  watch.changes.on("change", onChange);
  return () => {
    watch.changes.off("change", onChange);
    if (out.isTTY) out.write("\n");
  };
}

function bar(total: number, out: Screen): (done: number) => void {
  let drawnAt = 0;
  return (done) => {
    if (done < total && performance.now() - drawnAt < redrawEveryMs) return;
    drawnAt = performance.now();
    const filled = Math.floor((done / total) * width);
    out.write(`\r${styleText("cyan", "█".repeat(filled))}${styleText("gray", "░".repeat(width - filled))} ${done} of ${total}`);
  };
}

function quarters(total: number, out: Screen): (done: number) => void {
  let next = 1;
  return (done) => {
    for (; done >= Math.ceil((total * next) / 4) && next <= 4; next += 1) out.write(`assessed ${Math.ceil((total * next) / 4)} of ${total}\n`);
  };
}
