import type { ConnectRecord } from "../../record.js";

/** What a source has, or what it has and cannot read. */
export type Given = ConnectRecord<unknown> | { readonly id: string; readonly error: unknown };
