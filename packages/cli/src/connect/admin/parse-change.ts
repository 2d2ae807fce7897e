import { CommandFailure } from "../../failure.js";

/** What `SPLIT=JSON` says. The split may have a `=`, as `dt=2024-01-01/part.ndjson`: it ends at the first behind which all is JSON. */
export function parseChange(text: string): { readonly split: string; readonly position: unknown } {
  for (let at = text.indexOf("="); at !== -1; at = text.indexOf("=", at + 1)) {
    const position = jsonOf(text.slice(at + 1));
    if (at > 0 && position !== undefined) return { split: text.slice(0, at), position };
  }
  throw new CommandFailure(`--set ${text} must be SPLIT=JSON, such as part.ndjson=null: behind no = of it there is JSON`);
}

/** undefined, which JSON has not, where it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
