export { fileSink } from "./sink/file-sink.js";
export { type FileSinkOptions, fileSinkOptions } from "./sink/options.js";
export { fileSource } from "./source/file-source.js";
export { type FileSourceOptions, fileSourceOptions } from "./source/options.js";
