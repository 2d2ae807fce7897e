import { appendFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectorSuite } from "@org/bus-testkit/connectors";

const folder = () => mkdtemp(join(tmpdir(), "lines-"));

connectorSuite("lines", {
  module: new URL("./toy/lines.ts", import.meta.url),
  async source() {
    const at = await folder();
    const path = join(at, "in.ndjson");
    return {
      settings: path,
      put: (records) => appendFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join("")),
      putPoison: () => appendFile(path, "{ no JSON\n"),
      close: () => rm(at, { recursive: true }),
    };
  },
});

connectorSuite("lines", {
  module: new URL("./toy/lines.ts", import.meta.url),
  async sink() {
    const at = await folder();
    const path = join(at, "in", "out.ndjson");
    await mkdir(join(at, "in"));
    return {
      settings: path,
      async read() {
        const text = await readFile(path, "utf8").catch(() => "");
        return text
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => Number(JSON.parse(line).id));
      },
      stopSystem: () => rename(join(at, "in"), join(at, "gone")),
      startSystem: () => rename(join(at, "gone"), join(at, "in")),
      close: () => rm(at, { recursive: true }),
    };
  },
});
