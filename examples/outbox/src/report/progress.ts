import { styleText } from "node:util";

type Screen = Pick<NodeJS.WriteStream, "isTTY"> & { write(text: string): unknown };

const width = 30;

/** Shows how much of the run is over: a bar on a terminal, a line each quarter elsewhere. */
export function progressOn(out: Screen): (share: number, text: string) => void {
  let nextQuarter = 1;
  return (share, text) => {
    const done = Math.min(1, share);
    if (out.isTTY) {
      const full = Math.floor(done * width);
      out.write(`\r${styleText("cyan", "█".repeat(full))}${styleText("gray", "░".repeat(width - full))} ${text} ${done === 1 ? "\n" : ""}`);
      return;
    }
    if (done * 4 < nextQuarter) return;
    nextQuarter = Math.floor(done * 4) + 1;
    out.write(`${text}\n`);
  };
}
