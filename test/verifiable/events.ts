import { writeSync } from "node:fs";
import type { TopicPartition } from "@org/bus-core";

/** Records of one partition, `minOffset` to `maxOffset`. */
export interface ConsumedRange extends TopicPartition {
  readonly count: number;
  readonly minOffset: number;
  readonly maxOffset: number;
}

/** `record_started` and `record_failed` are of our own: when the handler begins, and when a try of it fails. */
export type RecordEventName = "record_data" | "record_started" | "record_failed";

/**
 * What the programs print, a line of JSON each: the names and fields of Kafka's VerifiableProducer and VerifiableConsumer 4.3, and where it
 * says so events of our own, which a harness for those passes over.
 */
export type VerifiableEvent =
  | { readonly name: "startup_complete" | "shutdown_requested" | "shutdown_complete" }
  | ({ readonly name: "producer_send_success"; readonly key: string | null; readonly value: string; readonly offset: number } & TopicPartition)
  | {
      readonly name: "producer_send_error";
      readonly topic: string;
      readonly key: string | null;
      readonly value: string;
      readonly exception: string;
      readonly message: string;
      /** Of our own. */
      readonly may_have_been_written: boolean;
    }
  | {
      readonly name: "tool_data";
      readonly sent: number;
      readonly acked: number;
      readonly target_throughput: number;
      readonly avg_throughput: number;
    }
  | { readonly name: "partitions_assigned" | "partitions_revoked"; readonly partitions: readonly TopicPartition[] }
  | { readonly name: "records_consumed"; readonly count: number; readonly partitions: readonly ConsumedRange[] }
  | ({
      readonly name: RecordEventName;
      readonly key: string | null;
      readonly value: string;
      readonly offset: number;
    } & TopicPartition)
  | {
      readonly name: "offsets_committed";
      readonly offsets: readonly (TopicPartition & { readonly offset: number })[];
      readonly success: boolean;
      readonly error?: string;
    };

/** A line as it is read: with the time at which it was printed, ms since the epoch. */
export type PrintedEvent = VerifiableEvent & { readonly timestamp: number };

/**
 * Prints an event, and returns when it is out: what a killed process has done, it has printed. `process.stdout` keeps in the process what a full pipe does not
 * take, and a kill takes it along.
 */
export function print(event: VerifiableEvent): void {
  const line = Buffer.from(`${JSON.stringify({ timestamp: Date.now(), ...event })}\n`);
  for (let written = 0; written < line.length; ) {
    try {
      written += writeSync(1, line, written);
    } catch (error) {
      // whoever shares the pipe may have made it one that does not wait
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
