import type { Split } from "../source/source.js";

/** The split of a source that has none. */
export const wholeSource: Split = { id: "0" };
