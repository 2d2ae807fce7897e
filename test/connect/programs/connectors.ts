import { readFileSync } from "node:fs";
import { connectRecord, defineConnector, filter, type Sink, type Source, written } from "@org/bus-connect";

/** Counts to `COUNT`, or for ever. */
const numbers: Source<number> = {
  name: "numbers",
  replayable: true,
  bounded: process.env.COUNT !== undefined,
  async *read({ position, signal }) {
    const end = Number(process.env.COUNT ?? Number.POSITIVE_INFINITY);
    for (let at = Number(position ?? 0); at < end && !signal.aborted; at++) {
      const record = connectRecord({ value: at, id: `n${at}` });
      yield { records: [record], position: at + 1, progress: { done: at + 1, total: end, unit: "records" } };
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  },
};

/** Takes them all, unless the file `REFUSE` says otherwise. */
const taking: Sink<number> = {
  name: "taking",
  batching: { maxWaitMs: 1 },
  async check() {
    if (process.env.REFUSE !== undefined) throw new Error(readFileSync(process.env.REFUSE, "utf8").trim());
  },
  checkRecord({ value }) {
    if (String(value) === process.env.ODD) throw new Error(`${value} is odd`);
  },
  open: async () => ({
    write: async (records) =>
      records.map(() => (process.env.REFUSE === undefined ? written : { status: "rejected", error: new Error("it is refused") })),
    close: async () => {},
  }),
};

export const even = defineConnector({ name: "even", source: numbers, transforms: [filter((value: number) => value % 2 === 0)], sink: taking });
export const all = defineConnector({
  name: "all",
  source: numbers,
  sink: taking,
  failure: { tolerate: process.env.TOLERATE === "all" ? "all" : "none" },
});
