import { instrumentsOf } from "@org/bus-core/internal";
import { redisMetrics } from "./redis-metrics.js";

/** The instruments of this package, undefined where no SDK for metrics is registered. */
export const redisInstruments = instrumentsOf("@org/bus-connect-redis", redisMetrics);
