import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ConsumerTracing } from "@org/bus-core/internal";
import { CarriedRecord } from "./carried-record.js";

/** The context of a record of a source is the one that it came with. */
export const splitTracing: ConsumerTracing = {
  startProcessSpan({ value }) {
    const context = value instanceof CarriedRecord && "context" in value.carried ? value.carried.context : ROOT_CONTEXT;
    return { context, isRecording: false, retried() {}, passed() {}, settled() {}, end() {} };
  },
  startBatchSpan: ([context]) => ({ context, end() {} }),
};
