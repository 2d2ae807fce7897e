import { fileSource } from "@org/bus-connect-file";

export const createSource = (path: unknown) =>
  fileSource<{ readonly id: string }>({ path: String(path), watch: true, settleMs: 0, rowsPerBatch: 10 });

export const idOf = (value: unknown): string => (value as { readonly id: string }).id;
