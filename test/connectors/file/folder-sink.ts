import { fileSink } from "@org/bus-connect-file";

// small files, so that several are written between two flushes
export const createSink = (folder: unknown) => fileSink({ folder: String(folder), format: "ndjson", maxBytes: 100 });

export const makeValue = (index: number): unknown => index;

// JSON has no word for it
export const poison = (): unknown => undefined;
