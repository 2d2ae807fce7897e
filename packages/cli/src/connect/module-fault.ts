import { existsSync } from "node:fs";
import { relative } from "node:path";
import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";

/** Why a module of connectors could not be loaded, and where the fault is. */
export function moduleFault(file: string, error: unknown): string {
  if (!existsSync(file)) return `${file}: there is no such file`;
  const text = messageOf(error);
  // what is wrong with options, their text says
  if (error instanceof BusError) return `${file}: ${text}`;
  const isTypeScript = error instanceof Error && "code" in error && error.code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX";
  const remedy = isTypeScript ? "; Node only removes types: write it without, or compile the file first" : "";
  return `${file}: ${text}${remedy}${placeIn(error)}`;
}

/** Where the first line of its stack that is of a file says that it was thrown. */
function placeIn(error: unknown): string {
  const [, path, line] = /(?:^|\s|\()(?:file:\/\/)?(\/[^\s():]+):(\d+)/.exec((error instanceof Error && error.stack) || "") ?? [];
  return path === undefined ? "" : ` (${relative(process.cwd(), path)}:${line})`;
}
