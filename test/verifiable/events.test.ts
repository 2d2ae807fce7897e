import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";

const events = new URL("../dist/verifiable/events.js", import.meta.url);
const COUNT = 20_000;

describe("print", () => {
  it.each(["blocking", "not blocking"])(
    "has printed all that a killed process has done, though its reader was busy: a pipe that is %s",
    async (kind) => {
      const program = `
      import { print } from ${JSON.stringify(events.href)};
      if (${kind === "not blocking"}) process.stdout.write("");
      process.stderr.write("begins");
      for (let offset = 0; offset < ${COUNT}; offset++) print({ name: "record_data", topic: "t", partition: 0, key: null, value: "", offset });
      process.kill(process.pid, "SIGKILL");
    `;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "pipe"] });
      let lines = 0;
      createInterface({ input: child.stdout }).on("line", () => {
        lines++;
      });
      const closed = once(child, "close");
      await once(child.stderr, "data");
      // this process reads nothing meanwhile, and the pipe fills up
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      expect(await closed).toEqual([null, "SIGKILL"]);
      expect(lines).toBe(COUNT);
    },
  );
});
