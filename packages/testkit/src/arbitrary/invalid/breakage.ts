import type fc from "fast-check";

/** A way to break a contract. */
export interface Breakage<T> {
  /** Where, without subscripts: `items.quantity`, `""` for the message itself. */
  readonly path: string;
  /** Values near to what is valid, some of which break one rule and no other. */
  readonly candidates: () => fc.Arbitrary<T>;
}

/** The path of a violation without its subscripts. */
export const withoutSubscripts = (path: string): string => path.replace(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g, "");
