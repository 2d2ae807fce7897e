import { Secret } from "@org/bus-connect";
import { postgresChanges, type RowChange } from "@org/bus-connect-postgres";
import type { Place } from "./place.js";

export const createSource = ({ url, name }: Place) =>
  postgresChanges({ connection: { url: new Secret("test", () => url) }, tables: [name], slot: name, chunkRows: 50, heartbeatMs: 500 });

export const idOf = (value: RowChange): string => `r${value.key.number}`;
