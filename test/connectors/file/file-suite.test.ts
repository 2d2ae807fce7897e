import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectorSuite } from "@org/bus-testkit/connectors";

connectorSuite("files in a folder", {
  module: new URL("./folder-source.ts", import.meta.url),
  // each file is read by itself
  ordered: false,
  async source() {
    const folder = await mkdtemp(join(tmpdir(), "bus-file-suite-"));
    let files = 0;
    const put = async (text: string) => {
      files += 1;
      const name = `${String(files).padStart(4, "0")}.ndjson`;
      await writeFile(join(folder, `.${name}`), text);
      await rename(join(folder, `.${name}`), join(folder, name));
    };
    return {
      settings: folder,
      put: (records) => put(records.map((record) => `${JSON.stringify(record)}\n`).join("")),
      putPoison: () => put("{ no JSON\n"),
      close: () => rm(folder, { recursive: true }),
    };
  },
});

connectorSuite("files in a folder", {
  module: new URL("./folder-sink.ts", import.meta.url),
  idempotent: true,
  async sink() {
    const folder = await mkdtemp(join(tmpdir(), "bus-file-suite-"));
    return {
      settings: folder,
      async read() {
        const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".ndjson"));
        const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
        return texts.flatMap((text) => text.trimEnd().split("\n").map(Number));
      },
      close: () => rm(folder, { recursive: true }),
    };
  },
});
