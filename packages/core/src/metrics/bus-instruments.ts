import { busMetrics } from "./bus-metrics.js";
import { collectStreams } from "./collect-streams.js";
import { instrumentsOf } from "./instruments.js";

/** The instruments of this package, undefined where no SDK for metrics is registered. */
export const busInstruments = instrumentsOf("@org/bus-core", busMetrics, collectStreams);
