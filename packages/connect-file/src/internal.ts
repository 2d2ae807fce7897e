/** What connectors to other stores of files build on. Not for users: it changes without notice. */
export { formatOfName } from "./formats/format.js";
export type { Input } from "./formats/input.js";
export { type PartFormatOptions, partFormat } from "./formats/part-format.js";
export { fromStart, type ReadFrom } from "./formats/reader.js";
export type { FinishedPart, OpenPart, PartStore } from "./parts/part-store.js";
export { PartsWriter } from "./parts/parts-writer.js";
export { columnsFault, columnsFit, partOptions } from "./sink/options.js";
export { readFromSchema, rowOptions } from "./source/options.js";
export { readRows } from "./source/read-rows.js";
