export type { ConnectionOptions } from "./connection/options.js";
export { type PostgresSinkColumn, type PostgresSinkOptions, postgresSink } from "./sink/postgres-sink.js";
