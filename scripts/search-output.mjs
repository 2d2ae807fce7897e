// What `npm test` looks for in all that the tests print: values of fields that contracts mark as sensitive.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./workspace.mjs";

/** Begins the values of sensitive fields in tests; `test/support/canary.ts` tells of it. */
const canary = readFileSync(join(root, "test/support/canary.txt"), "utf8").trim();

/** A listener for the output of `run` that passes everything on as it comes, and `found`, the lines with a sensitive value. */
export function searchOutput() {
  const found = [];
  const unfinished = { stdout: "", stderr: "" };
  const search = (line) => {
    const plain = stripVTControlCharacters(line);
    if (plain.includes(canary)) found.push(plain.trim());
  };
  return {
    onOutput(text, stream) {
      process[stream].write(text);
      const lines = (unfinished[stream] + text).split("\n");
      unfinished[stream] = lines.pop();
      lines.forEach(search);
    },
    /** To be called once, at the end. */
    found() {
      Object.values(unfinished).forEach(search);
      return found;
    },
  };
}
