export type { ColumnValue, Row, RowChange } from "./capture/change.js";
export { type PostgresChangesOptions, postgresChanges } from "./capture/postgres-changes.js";
export type { ConnectionOptions } from "./connection/options.js";
export { type PostgresOutboxPollingOptions, postgresOutboxPolling } from "./outbox/polled-outbox.js";
export { OUTBOX_ID_HEADER } from "./outbox/read-row.js";
export { type PostgresOutboxOptions, postgresOutbox } from "./outbox/replicated-outbox.js";
export { type OutboxTableOptions, outboxTableSql } from "./outbox/table.js";
export { type OutboxClient, type WriteOutboxOptions, writeOutbox } from "./outbox/write-outbox.js";
export { type PostgresSinkColumn, type PostgresSinkOptions, postgresSink } from "./sink/postgres-sink.js";
