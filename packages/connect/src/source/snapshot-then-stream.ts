import { BusError } from "@org/bus-core";
import type { Position, Source, SourceBatch, SourceContext } from "./source.js";

/** A source of two parts: what is there, and what changes. */
export interface SnapshotThenStream<T> extends Pick<Source<T>, "name" | "replayable" | "splits" | "check"> {
  /**
   * Where the stream has to begin so that it tells of all that the snapshot does not see: the end of the log, now. Asked for once for each split, before its
   * snapshot is read; the system must keep what comes behind it until the stream has been there.
   */
  start(context: SourceContext): Promise<Position>;
  /** Reads what is there, from `context.position` on (undefined at the first start), and ends. Without positions it is read from its beginning at each start. */
  snapshot(context: SourceContext): AsyncIterable<SourceBatch<T>>;
  /** Reads what changes, from `context.position` on: at first what `start` has answered. */
  stream(context: SourceContext): AsyncIterable<SourceBatch<T>>;
}

/** As it is stored: within the snapshot where the stream will begin, too. */
type HandOver = { readonly start: Position; readonly snapshot?: Position } | { readonly stream: Position };

/**
 * Reads a snapshot and goes on with a stream, without a gap, whenever it is interrupted.
 *
 * A change that came between `start` and the reading of its row is given twice: in the row, and again by the stream, after it. So a key may go back to an
 * older state for a while, and is right when the stream has caught up: the sink has to be idempotent by key.
 */
export function snapshotThenStream<T>(parts: SnapshotThenStream<T>): Source<T> {
  const { start, snapshot, stream, ...rest } = parts;
  return {
    ...rest,
    async *read(context) {
      let at = handOver(parts.name, context);
      if (at === undefined) {
        at = { start: await start(context) };
        // an end of the log that is not stored would be a later one at the next start
        yield { records: [], position: at };
      }
      if ("start" in at) {
        const { start: begin } = at;
        for await (const batch of snapshot({ ...context, position: at.snapshot })) {
          if (batch.position !== undefined) at = { start: begin, snapshot: batch.position };
          yield { ...batch, position: at };
        }
        if (context.signal.aborted) return;
        at = { stream: begin };
        yield { records: [], position: at };
      }
      for await (const batch of stream({ ...context, position: at.stream })) {
        yield batch.position === undefined ? batch : { ...batch, position: { stream: batch.position } };
      }
    },
  };
}

function handOver(source: string, { position, split }: SourceContext): HandOver | undefined {
  if (position === undefined) return undefined;
  if (position !== null && typeof position === "object" && !Array.isArray(position)) {
    const { start, snapshot, stream } = position;
    if (stream !== undefined) return { stream };
    if (start !== undefined) return snapshot === undefined ? { start } : { start, snapshot };
  }
  throw new BusError(
    "invalid_options",
    `the position of split ${split.id} of ${source} is neither in its snapshot nor in its stream: ${JSON.stringify(position)}`,
  );
}
