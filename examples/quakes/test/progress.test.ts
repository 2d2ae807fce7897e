import { describe, expect, test } from "vitest";
import { showProgress } from "../src/report/progress.js";

/** Quakes that have been assessed, and who wants to know. */
function assessed(total: number, isTTY: boolean): string {
  let listener = () => {};
  const watch = {
    processed: 0,
    changes: {
      on: (_event: "change", added: () => void) => {
        listener = added;
      },
      off: () => {
        listener = () => {};
      },
    },
  };
  let printed = "";
  const stop = showProgress(watch, total, {
    isTTY,
    write: (text: string) => {
      printed += text;
      return true;
    },
  });
  for (watch.processed = 1; watch.processed <= total; watch.processed += 1) listener();
  stop();
  listener();
  return printed;
}

describe("showProgress", () => {
  test("prints a line each quarter where there is no terminal", () => {
    expect(assessed(10, false)).toBe("assessed 3 of 10\nassessed 5 of 10\nassessed 8 of 10\nassessed 10 of 10\n");
  });

  test("draws a bar over itself on a terminal, and ends its line", () => {
    const frames = assessed(10, true).split("\r");
    expect(frames.at(-1)).toContain("█".repeat(40));
    expect(frames.at(-1)).toMatch(/ 10 of 10\n$/);
    expect(frames[0]).toBe("");
  });
});
