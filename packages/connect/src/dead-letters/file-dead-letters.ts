import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { OutgoingRecord } from "@org/bus-core";
import { makeFolder } from "@org/bus-core/internal";
import { deadLetterLine } from "./dead-letter-line.js";
import type { DeadLetterStore } from "./dead-letter-store.js";

/**
 * Appends dead letters to `<topic>.ndjson` in a folder, where `<topic>` is the one that they would go to (`<connector>.dlq`): for a connector without Kafka,
 * with `filePositions`. Each is a line of JSON: who the record is in its source, where and why it failed, its key, headers and original.
 */
export function fileDeadLetters(folder: string): DeadLetterStore {
  let last: Promise<void> = Promise.resolve();
  return {
    add(letter) {
      const added = last.then(() => append(folder, letter));
      last = added.catch(() => {});
      return added;
    },
  };
}

async function append(folder: string, letter: OutgoingRecord): Promise<void> {
  await makeFolder(folder);
  const file = await open(join(folder, `${encodeURIComponent(letter.topic)}.ndjson`), "a+");
  try {
    // what was left half written must not take this one along
    await file.appendFile(`${(await endsInLine(file)) ? "" : "\n"}${deadLetterLine(letter)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(new Uint8Array(1), 0, 1, size - 1);
  return buffer[0] === 10;
}
