import type { ScalarName, ScalarType } from "../compiler/plan.js";
import type { Faults } from "../rules/faults.js";
import { fromBase64 } from "./base64.js";
import { parseInteger } from "./integers.js";
import { describeNode, type JsonNode, JsonNumber } from "./json-node.js";

const maxUint64 = 2n ** 64n - 1n;
const ranges: Readonly<Partial<Record<ScalarName, readonly [bigint, bigint]>>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  sfixed32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, maxUint64],
  fixed64: [0n, maxUint64],
};

/** Reads a scalar; undefined after a fault. */
export function readScalar({ scalar, type }: ScalarType, node: JsonNode, faults: Faults): unknown {
  switch (scalar) {
    case "bool":
      return typeof node === "boolean" ? node : refuse(faults, "must be true or false", node);
    case "string":
      return readText(node, faults);
    case "bytes":
      return readBytes(node, faults);
    case "double":
    case "float":
      return readFloat(scalar, node, faults);
    default: {
      const integer = readInteger(node, ranges[scalar] ?? [0n, maxUint64], faults);
      return integer === undefined ? undefined : inType(integer, type, faults);
    }
  }
}

/** An integer as the field holds it. */
function inType(integer: bigint, type: ScalarType["type"], faults: Faults): unknown {
  if (type === "bigint") return integer;
  if (type === "string") return String(integer);
  const number = Number(integer);
  if (Number.isSafeInteger(number)) return number;
  faults.add("", "range", `must be between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}`, String(integer));
  return undefined;
}

export function readText(node: JsonNode, faults: Faults): string | undefined {
  if (typeof node !== "string") return refuse(faults, "must be a string", node);
  if (node.isWellFormed()) return node;
  faults.add("", "utf8", "must be well-formed text, contains a lone surrogate");
  return undefined;
}

function readBytes(node: JsonNode, faults: Faults): Uint8Array | undefined {
  if (typeof node !== "string") return refuse(faults, "must be a string in base64", node);
  const bytes = fromBase64(node);
  if (bytes === undefined) faults.add("", "type", "must be a string in base64");
  return bytes;
}

const numeric = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const special = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

function readFloat(scalar: "double" | "float", node: JsonNode, faults: Faults): number | undefined {
  if (typeof node === "string") {
    const known = special.get(node);
    if (known !== undefined) return known;
  }
  const text = numberText(node);
  if (text === undefined) return refuse(faults, 'must be a number, "NaN", "Infinity" or "-Infinity"', node);
  const value = scalar === "float" ? Math.fround(Number(text)) : Number(text);
  if (Number.isFinite(value)) return value;
  faults.add("", "range", `must be a number that a ${scalar} can hold`, text.slice(0, 40));
  return undefined;
}

/** The text of a number, which may also stand in a string. */
function numberText(node: JsonNode): string | undefined {
  if (node instanceof JsonNumber) return node.text;
  return typeof node === "string" && numeric.test(node) ? node : undefined;
}

export function readInteger(node: JsonNode, [min, max]: readonly [bigint, bigint], faults: Faults): bigint | undefined {
  const text = numberText(node);
  if (text === undefined) return refuse(faults, "must be an integer", node);
  const integer = parseInteger(text);
  if (integer !== undefined && integer >= min && integer <= max) return integer;
  const isFraction = integer === undefined && Number(text) % 1 !== 0 && Number.isFinite(Number(text));
  if (isFraction) faults.add("", "type", "must be an integer", text.slice(0, 40));
  else faults.add("", "range", `must be between ${min} and ${max}`, text.slice(0, 40));
  return undefined;
}

/** One text for each integer, so that no key is there twice. */
const canonicalInteger = /^(?:0|-?[1-9]\d*)$/;

/** Reads the key of an entry, which is text in JSON. */
export function readKey(type: ScalarType, name: string, faults: Faults): unknown {
  if (type.scalar === "string") return readText(name, faults);
  if (type.scalar !== "bool") return canonicalInteger.test(name) ? readScalar(type, name, faults) : refuse(faults, "must be an integer", name);
  if (name === "true" || name === "false") return name === "true";
  return refuse(faults, 'must be "true" or "false"', name);
}

/** Notes a value of another type. */
export function refuse(faults: Faults, expectation: string, node: JsonNode): undefined {
  faults.add("", "type", expectation, describeNode(node));
  return undefined;
}
