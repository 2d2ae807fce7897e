import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BusError } from "../errors.js";
import { celsiusOf, reading, setupPublisher } from "../testing/publisher-setup.js";
import { Reading } from "../testing/reading.js";
import type { ScriptedSend } from "../testing/scripted-transport.js";
import type { OutgoingRecord } from "../transport/record.js";

/** How one partition fares in one send: written or not, and what the producer hears of it. */
type Fate = "acknowledged" | "refused" | "lostOnTheWay" | "writtenButUnanswered" | "forbidden";

type Step =
  | { readonly kind: "publish"; readonly key: string; readonly timeoutMs: number }
  | { readonly kind: "abort"; readonly nth: number }
  | { readonly kind: "answer"; readonly fates: readonly Fate[] }
  | { readonly kind: "wait"; readonly ms: number };

const fate = fc.constantFrom<Fate>("acknowledged", "acknowledged", "refused", "lostOnTheWay", "writtenButUnanswered", "forbidden");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("publish" as const),
      key: fc.constantFrom("a", "b", "c"),
      timeoutMs: fc.integer({ min: 50, max: 5_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("abort" as const), nth: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("answer" as const), fates: fc.array(fate, { minLength: 4, maxLength: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 400 }) }) },
);

const errors: Record<Exclude<Fate, "acknowledged">, BusError> = {
  refused: new BusError("transport_failed", "not enough replicas", { retryable: true }),
  lostOnTheWay: new BusError("transport_failed", "no answer", { retryable: true, mayHaveBeenWritten: true }),
  writtenButUnanswered: new BusError("transport_failed", "no answer", { retryable: true, mayHaveBeenWritten: true }),
  forbidden: new BusError("not_authorized", "forbidden"),
};

/** The cluster: writes what its fate says to the log, and answers. */
function answer(send: ScriptedSend, fates: readonly Fate[], log: OutgoingRecord[]): void {
  send.answer((record) => {
    const fated = fates[record.partition] ?? "acknowledged";
    if (fated === "acknowledged" || fated === "writtenButUnanswered") log.push(record);
    return fated === "acknowledged" ? undefined : errors[fated];
  });
}

async function run(steps: readonly Step[], maxBufferedBytes: number) {
  const { publisher, transport, clock } = setupPublisher({ maxBatchRecords: 3, maxBufferedBytes });
  transport.automatic = false;
  const log: OutgoingRecord[] = [];
  const results: Promise<BusError | undefined>[] = [];
  const aborts: AbortController[] = [];
  let answered = 0;
  for (const next of steps) {
    if (next.kind === "publish") {
      const abort = new AbortController();
      aborts.push(abort);
      const options = { signal: abort.signal, deliveryTimeoutMs: next.timeoutMs };
      const publishing = publisher.publish(Reading, reading(next.key, results.length), options);
      results.push(
        publishing.then(
          () => undefined,
          (error: unknown) => BusError.from(error, "publish_failed"),
        ),
      );
    } else if (next.kind === "abort") aborts[next.nth]?.abort();
    else if (next.kind === "wait") await clock.advance(next.ms);
    else {
      await clock.advance(0);
      const send = transport.sends[answered];
      if (send === undefined) continue;
      answered += 1;
      answer(send, next.fates, log);
    }
  }
  // every message ends, at the latest with its timeout
  const closed = publisher.close();
  for (let round = 0; round < 100; round++) {
    await clock.advance(100);
    for (; answered < transport.sends.length; answered++) answer(transport.sends[answered] as ScriptedSend, [], log);
  }
  await closed;
  return { log, outcomes: await Promise.all(results), pendingTimers: clock.pending };
}

describe("RecordSender", () => {
  it("writes what it acknowledges once and in order per key, and tells the truth about the rest", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(1, 400, 1_000_000), async (steps, maxBufferedBytes) => {
        const { log, outcomes, pendingTimers } = await run(steps, maxBufferedBytes);
        const written = log.map(celsiusOf);
        expect(new Set(written).size).toBe(written.length);
        for (const [index, error] of outcomes.entries()) {
          if (error === undefined) expect(written).toContain(index);
          else if (!error.mayHaveBeenWritten) expect(written).not.toContain(index);
        }
        for (const key of ["a", "b", "c"]) {
          const ofKey = log.filter((record) => Buffer.from(record.key ?? []).toString() === key).map(celsiusOf);
          expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
        }
        expect(pendingTimers).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
