import { type ConnectRecord, type Position, Secret, type Source, type SourceBatch, type Split } from "@org/bus-connect";
import pg from "pg";
import { onTestFinished } from "vitest";
import { connectorContext } from "../support/connector-context.js";

/** An address as the options of connectors take it. */
export const secretUrl = (url: string): Secret => new Secret("test", () => url);

/** A connection of the test, beside those of what it tests. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Reads a split of a source as the framework does, one batch at a time. */
export class SplitReader<T> {
  readonly #stop = new AbortController();
  readonly #iterator: AsyncIterator<SourceBatch<T>>;

  constructor(source: Source<T>, position?: Position, split: Split = { id: "0" }) {
    this.#iterator = source.read({ ...connectorContext({ signal: this.#stop.signal }), position, split })[Symbol.asyncIterator]();
    onTestFinished(() => this.stop());
  }

  async next(): Promise<SourceBatch<T>> {
    const result = await this.#iterator.next();
    if (result.done) throw new Error("the split has ended");
    return result.value;
  }

  /** Batches until there are `count` records, all acknowledged where `acknowledge` says so; with the last position. */
  async records(
    count: number,
    acknowledge = true,
  ): Promise<{ readonly records: readonly ConnectRecord<T>[]; readonly position: Position | undefined }> {
    const records: ConnectRecord<T>[] = [];
    let position: Position | undefined;
    while (records.length < count) {
      const batch = await this.next();
      records.push(...batch.records);
      position = batch.position;
      if (acknowledge) await batch.acknowledge?.();
    }
    return { records, position };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#iterator.return?.().catch(() => {});
  }
}
