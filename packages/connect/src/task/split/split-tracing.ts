import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ConsumerTracing } from "@org/bus-core/internal";
import { startRecordSpan } from "../../telemetry/spans.js";
import { CarriedRecord } from "./carried-record.js";

/** The spans of records of a split, as children of what they came with. */
export function splitTracing(connector: string, split: string): ConsumerTracing {
  return {
    startProcessSpan({ value }) {
      const context = value instanceof CarriedRecord && "context" in value.carried ? value.carried.context : ROOT_CONTEXT;
      return startRecordSpan(connector, split, context);
    },
    // a write has a span of its own
    startBatchSpan: ([context]) => ({ context, end() {} }),
  };
}
