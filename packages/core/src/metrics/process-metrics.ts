import { MESSAGING_CONSUMER_GROUP_NAME } from "../context/semantic-conventions.js";
import { BUS_STAGE } from "./bus-metrics.js";
import { defineMetrics } from "./definition.js";

/** What the process itself is measured by. `packages/telemetry` writes it. */
export const processMetrics = defineMetrics({
  eventLoopDelayMax: {
    name: "nodejs.eventloop.delay.max",
    kind: "gauge",
    unit: "s",
    description: "The longest delay of the event loop since the last collection.",
    attributes: [],
  },
  eventLoopDelayP99: {
    name: "nodejs.eventloop.delay.p99",
    kind: "gauge",
    unit: "s",
    description: "The delay of the event loop that 99 of 100 turns stayed below since the last collection.",
    attributes: [],
  },
  eventLoopBlocked: {
    name: "bus.process.event_loop.blocked",
    kind: "counter",
    unit: "{block}",
    description: "How often nothing but one piece of code ran for a second or longer, by the stream that was at work.",
    attributes: [MESSAGING_CONSUMER_GROUP_NAME, BUS_STAGE],
  },
  spansDropped: {
    name: "bus.process.spans.dropped",
    kind: "counter",
    unit: "{span}",
    description: "Spans that ended faster than they were exported, and for which the queue had no room.",
    attributes: [],
  },
  heapUsed: {
    name: "v8js.memory.heap.used",
    kind: "upDownCounter",
    unit: "By",
    description: "Bytes that are used of a space of the heap.",
    attributes: ["v8js.heap.space.name"],
  },
  heapLimit: {
    name: "v8js.memory.heap.limit",
    kind: "upDownCounter",
    unit: "By",
    description: "Bytes that a space of the heap has taken from the system.",
    attributes: ["v8js.heap.space.name"],
  },
});
