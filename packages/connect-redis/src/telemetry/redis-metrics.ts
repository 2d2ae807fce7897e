import { BUS_CONNECTOR } from "@org/bus-connect/metrics";
import { defineMetrics } from "@org/bus-core/internal";

/** The stream of Redis, by its key. */
export const BUS_REDIS_STREAM = "bus.connect.redis.stream";

/** Every metric of this package. */
export const redisMetrics = defineMetrics({
  trimmed: {
    name: "bus.connect.redis.trimmed",
    kind: "counter",
    unit: "{entry}",
    description: "Entries that were trimmed or deleted before they were written: they are lost. Alert on any.",
    attributes: [BUS_CONNECTOR, BUS_REDIS_STREAM],
  },
});
