export type { ConnectorContext } from "./context.js";
export type { ConnectRecord, TopicOrigin } from "./record.js";
export { Secret, secret, secretOption } from "./secret.js";
export { type Sink, type SinkBatching, type SinkWriter, type WriteContext, type WriteOutcome, written } from "./sink/sink.js";
export type { Position, Source, SourceBatch, SourceContext, SourceProgress, Split, UnreadableRecord } from "./source/source.js";
export type { Transform } from "./transform/transform.js";
