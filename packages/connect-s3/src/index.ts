export { type S3SinkOptions, s3SinkOptions } from "./sink/options.js";
export { s3Sink } from "./sink/s3-sink.js";
export { type S3SourceOptions, s3SourceOptions } from "./source/options.js";
export { s3Source } from "./source/s3-source.js";
