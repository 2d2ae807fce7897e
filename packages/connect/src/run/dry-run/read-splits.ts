import { BusError } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { ConnectorContext } from "../../context.js";
import { checkedSplits } from "../../source/checked-splits.js";
import type { Source, SourceBatch, SourceContext } from "../../source/source.js";
import { within } from "../../task/close-task.js";
import type { SplitPosition } from "../../task/split/split-log.js";
import { wholeSource } from "../whole-source.js";
import type { Given } from "./given.js";

const minIdleMs = 1_000;
const returnTimeoutMs = 500;
const given = new BusError("aborted", "it was read by a dry run");

/** Reads the splits of a source, one after the other, each from where it stands. One that has an end is waited for; of others the time is shared. */
export async function* readSplits(
  source: Source<unknown>,
  context: ConnectorContext,
  positions: ReadonlyMap<string, SplitPosition>,
  idleMs: number,
): AsyncGenerator<Given> {
  const splits = source.splits === undefined ? [wholeSource] : checkedSplits(source.name, await source.splits(context));
  const waitMs = source.bounded === true ? Number.MAX_SAFE_INTEGER : Math.max(minIdleMs, idleMs / splits.length);
  for (const split of splits) yield* readSplit(source, { ...context, split, position: positions.get(split.id)?.position, readOnly: true }, waitMs);
}

async function* readSplit(source: Source<unknown>, context: SourceContext, waitMs: number): AsyncGenerator<Given> {
  const { clock, signal } = context;
  const ending = new AbortController();
  const iterator = source.read({ ...context, signal: AbortSignal.any([signal, ending.signal]) })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const batch = await nextWithin(iterator, context, waitMs);
      if (batch === undefined) return;
      // before it is handed out: who has enough goes
      await batch.release?.(given);
      yield* batch.records;
      yield* batch.unreadable ?? [];
    }
  } finally {
    ending.abort();
    await within(
      clock,
      returnTimeoutMs,
      Promise.resolve(iterator.return?.()).catch(() => {}),
    );
  }
}

/** The next batch; undefined where there is none, or none comes. */
async function nextWithin(
  iterator: AsyncIterator<SourceBatch<unknown>>,
  { clock }: SourceContext,
  waitMs: number,
): Promise<SourceBatch<unknown> | undefined> {
  const come = new AbortController();
  const next = iterator.next();
  try {
    const result = await Promise.race([next, sleep(clock, waitMs, come.signal)]);
    // one that comes too late is given back as well
    if (result === undefined) void next.then((late) => (late.done ? undefined : late.value.release?.(given))).catch(() => {});
    return result === undefined || result.done ? undefined : result.value;
  } finally {
    come.abort();
  }
}
