import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ConsumerTracing } from "@org/bus-core/internal";
import { startRecordSpan } from "../../telemetry/spans.js";
import { CarriedRecord } from "./carried-record.js";

/** The spans of records of a split. */
export function splitTracing(connector: string, split: string): ConsumerTracing {
  return {
    startProcessSpan({ value }) {
      if (!(value instanceof CarriedRecord)) return startRecordSpan(connector, split, ROOT_CONTEXT, undefined);
      const { carried, read } = value;
      return startRecordSpan(connector, split, "context" in carried ? carried.context : ROOT_CONTEXT, read);
    },
    // a write has a span of its own
    startBatchSpan: ([context]) => ({ context, end() {} }),
  };
}
