import type { ScalarType } from "../compiler/plan.js";
import { toBase64 } from "./base64.js";

/** What `JSON.stringify` makes JSON text of. */
export type JsonOutput = null | boolean | number | string | object | readonly JsonOutput[] | { readonly [name: string]: JsonOutput };

/** A scalar in JSON: integers of 64 bits are text, bytes base64. */
export function scalarOutput({ scalar, type }: ScalarType, value: unknown): JsonOutput {
  if (type === "bytes") return toBase64(value as Uint8Array);
  if (scalar.endsWith("64")) return String(value);
  if (scalar === "float" || scalar === "double") return floatOutput(scalar === "float" ? shortest(value as number) : (value as number));
  return value as boolean | number | string;
}

export function floatOutput(value: number): JsonOutput {
  if (!Number.isFinite(value)) return String(value);
  return Object.is(value, -0) ? minusZero : value;
}

/** `JSON.stringify` takes the sign from a zero, unless the text is given as it is to stand there. */
const minusZero: object = (JSON as unknown as RawJson).rawJSON("-0");

/** Of V8 since 11.4, in no lib of TypeScript yet. */
interface RawJson {
  rawJSON(text: string): object;
}

/** The number of fewest digits that is `value` in 32 bits. */
function shortest(value: number): number {
  const rounded = Math.fround(value);
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(rounded.toPrecision(digits));
    if (Object.is(Math.fround(candidate), rounded)) return candidate;
  }
  return rounded;
}
