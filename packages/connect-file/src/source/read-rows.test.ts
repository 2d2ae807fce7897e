import { describe, expect, test } from "vitest";
import type { Input } from "../formats/input.js";
import { fromStart } from "../formats/reader.js";
import { fileSourceOptions } from "./options.js";
import { readRows } from "./read-rows.js";

const row = "1234567890123456789012345678901234567890\n";
const chunk = Buffer.from(row.repeat(2000));

/** An endless input, in effect, and how much of it has been read. */
function hugeInput(name: string): Input & { readonly read: number } {
  const input = {
    name,
    bytes: 10 * 2 ** 30,
    read: 0,
    async *stream() {
      for (;;) {
        input.read += chunk.length;
        yield chunk;
      }
    },
    slice: () => Promise.reject(new Error("not for text")),
  };
  return input;
}

describe("readRows", () => {
  test.each(["rows.ndjson", "rows.csv"])("reads no further in %s than it is asked for", async (name) => {
    const input = hugeInput(name);
    const options = fileSourceOptions.parse({ path: ".", csv: { delimiter: ";", header: ["row"] } });
    let rows = 0;
    for await (const { batch } of readRows(input, fromStart, options)) {
      rows += batch.records.length + (batch.unreadable?.length ?? 0);
      expect(input.read - rows * row.length).toBeLessThan(2 * chunk.length);
      if (rows > 100_000) break;
    }
  });
});
